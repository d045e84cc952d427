using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CompressionHost.Kernels;

/// <summary>
/// Writes the loop <c>void(PanelCall*)</c>. A sum starts from its correction, takes four columns a step, and at the end of a group is converted, scaled and added to y.
/// </summary>
internal static class VnniAssembler
{
    /// <summary>Vectors of 16 rows in a panel.</summary>
    public const int Vectors = 4;

    private const int VectorBytes = 64;
    private const int StepBytes = Vectors * VectorBytes;
    private const int FirstWeight = 24;
    private const int SavedVectors = 10;

    // Two activations in flight.
    private static readonly AssemblerRegisterZMM[] Activation = [zmm28, zmm29];
    private static readonly AssemblerRegisterZMM[] Vector =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    private static readonly AssemblerRegisterXMM[] SavedOnWindows = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    /// <param name="tokens">1 to 6.</param>
    /// <param name="asymmetric">With zero points.</param>
    /// <param name="windows">For Windows's calling convention rather than System V's.</param>
    public static Assembler Assemble(int tokens, bool asymmetric, bool windows)
    {
        var c = new Assembler(64);
        Enter(c, windows);
        c.mov(rdi, Field(nameof(PanelCall.Panel)));
        c.mov(rcx, Field(nameof(PanelCall.XStride)));
        c.mov(r8, Field(nameof(PanelCall.Corrections)));
        c.mov(r9, Field(nameof(PanelCall.CorrectionStride)));
        c.mov(r10, Field(nameof(PanelCall.Scales)));
        c.mov(r12, Field(nameof(PanelCall.Y)));
        c.mov(r13, Field(nameof(PanelCall.YStride)));
        c.mov(rbx, Field(nameof(PanelCall.Groups)));
        c.mov(r15, Field(nameof(PanelCall.X)));
        if (asymmetric)
            c.mov(r11, Field(nameof(PanelCall.Zeros)));
        c.lea(r14, __[r13 + r13 * 2]);
        c.add(r14, r12);
        ClearOutput(c, tokens);

        var group = c.CreateLabel();
        var steps = c.CreateLabel();
        c.Label(ref group);
        // Steps of this group; the last one's where no group follows.
        c.mov(rbp, Field(nameof(PanelCall.Steps)));
        c.cmp(rbx, 1);
        c.cmove(rbp, Field(nameof(PanelCall.LastSteps)));
        c.mov(rsi, r15);
        c.lea(rdx, __[rcx + rcx * 2]);
        c.add(rdx, rsi);
        StartSums(c, tokens, asymmetric);

        c.Label(ref steps);
        for (var v = 0; v < Vectors; v++)
            c.vmovdqa64(Vector[FirstWeight + v], __[rdi + v * VectorBytes]);
        for (var t = 0; t < tokens; t++)
        {
            var activation = Activation[t % Activation.Length];
            c.vpbroadcastd(activation, Of(t, rsi, rdx, rcx));
            for (var v = 0; v < Vectors; v++)
                c.vpdpbusd(Sum(t, v), Vector[FirstWeight + v], activation);
        }
        c.add(rdi, StepBytes);
        c.add(rsi, PanelLayout.StepColumns);
        c.add(rdx, PanelLayout.StepColumns);
        c.dec(rbp);
        c.jnz(steps);

        AddToOutput(c, tokens);
        c.add(r8, sizeof(int));
        c.add(r10, Field(nameof(PanelCall.ScaleStride)));
        if (asymmetric)
            c.add(r11, Field(nameof(PanelCall.ZeroStride)));
        c.add(r15, Field(nameof(PanelCall.Group)));
        c.dec(rbx);
        c.jnz(group);
        Leave(c, windows);
        return c;
    }

    private static AssemblerRegisterZMM Sum(int token, int vector) => Vector[token * Vectors + vector];

    // rax holds the call's address all along.
    private static AssemblerMemoryOperand Field(string name) => __qword_ptr[rax + (int)Marshal.OffsetOf<PanelCall>(name)];

    /// <summary>Token t of 6 by two registers, of token 0 and of token 3, and a stride.</summary>
    private static AssemblerMemoryOperand Of(int token, AssemblerRegister64 first, AssemblerRegister64 fourth, AssemblerRegister64 stride, int offset = 0)
    {
        var start = token < 3 ? first : fourth;
        return (token % 3) switch
        {
            0 => __[start + offset],
            1 => __[start + stride + offset],
            _ => __[start + stride * 2 + offset],
        };
    }

    // y begins at +0, so that a sum of nothing but negative zeros ends as the definition says.
    private static void ClearOutput(Assembler c, int tokens)
    {
        c.vpxord(zmm0, zmm0, zmm0);
        for (var t = 0; t < tokens; t++)
        {
            for (var v = 0; v < Vectors; v++)
                c.vmovups(Of(t, r12, r14, r13, v * VectorBytes), zmm0);
        }
    }

    private static void StartSums(Assembler c, int tokens, bool asymmetric)
    {
        for (var v = 0; v < Vectors && asymmetric; v++)
            c.vpmovzxbd(Vector[FirstWeight + v], __[r11 + v * 16]);
        for (var t = 0; t < tokens; t++)
        {
            if (t == 3)
            {
                // rdi, rsi and rdx are in use; the corrections of tokens 3 to 5 are reached by moving r8 there and back.
                c.lea(r8, __[r8 + r9 * 2]);
                c.add(r8, r9);
            }
            var first = Sum(t, 0);
            c.vpbroadcastd(first, Of(t, r8, r8, r9));
            for (var v = Vectors - 1; v >= 0; v--)
            {
                if (asymmetric)
                    c.vpmulld(Sum(t, v), Vector[FirstWeight + v], first);
                else if (v > 0)
                    c.vmovdqa64(Sum(t, v), first);
            }
        }
        if (tokens > 3)
        {
            c.sub(r8, r9);
            c.sub(r8, r9);
            c.sub(r8, r9);
        }
    }

    private static void AddToOutput(Assembler c, int tokens)
    {
        for (var v = 0; v < Vectors; v++)
            c.vmovups(Vector[FirstWeight + v], __[r10 + v * VectorBytes]);
        for (var t = 0; t < tokens; t++)
        {
            for (var v = 0; v < Vectors; v++)
            {
                var output = Of(t, r12, r14, r13, v * VectorBytes);
                c.vcvtdq2ps(Sum(t, v), Sum(t, v));
                c.vfmadd213ps(Sum(t, v), Vector[FirstWeight + v], output);
                c.vmovups(output, Sum(t, v));
            }
        }
    }

    private static void Enter(Assembler c, bool windows)
    {
        c.push(rbx);
        c.push(rbp);
        c.push(r12);
        c.push(r13);
        c.push(r14);
        c.push(r15);
        if (!windows)
        {
            c.mov(rax, rdi);
            return;
        }
        c.push(rdi);
        c.push(rsi);
        c.sub(rsp, SavedVectors * 16);
        for (var i = 0; i < SavedVectors; i++)
            c.vmovups(__xmmword_ptr[rsp + i * 16], SavedOnWindows[i]);
        c.mov(rax, rcx);
    }

    private static void Leave(Assembler c, bool windows)
    {
        // Before the saved halves come back: it clears the upper ones.
        c.vzeroupper();
        if (windows)
        {
            for (var i = 0; i < SavedVectors; i++)
                c.vmovups(SavedOnWindows[i], __xmmword_ptr[rsp + i * 16]);
            c.add(rsp, SavedVectors * 16);
            c.pop(rsi);
            c.pop(rdi);
        }
        c.pop(r15);
        c.pop(r14);
        c.pop(r13);
        c.pop(r12);
        c.pop(rbp);
        c.pop(rbx);
        c.ret();
    }
}
