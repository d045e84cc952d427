using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CompressionHost.Kernels;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CompressionHost.Benchmarks;

/// <summary>
/// What this machine can do at best: its multiply-add instructions with every operand in a register, and its memory. The loops are emitted, since a compiler would move
/// what does not change out of them.
/// </summary>
internal static unsafe class MachineLimits
{
    // Registers 0 to 11 sum, which hides the latency of each; 12 and up are scratch, and the last two hold the operands: 16 and 17, of ymm 14 and 15.
    private const int Sums = 12;
    private const int ReadBytes = 256 << 20;

    /// <summary>Each instruction, for as many multiplications and additions as a product has: what disturbs one for longer disturbs the other as likely.</summary>
    /// <param name="threads">Threads that share them.</param>
    /// <param name="operations">How many.</param>
    public static IEnumerable<Contender> Instructions(int threads, double operations)
    {
        LimitContender Loop(string name, int products, Action<Assembler, int> sum) => MachineLimits.Loop(name, threads, operations, products, sum);
        if (Avx512BW.IsSupported)
        {
            yield return Loop("vpmaddubsw + vpaddw, zmm", 64, (c, i) => Pair(c, i, c.vpmaddubsw, c.vpaddw));
            yield return Loop("vpmaddwd + vpaddd, zmm", 32, (c, i) => Pair(c, i, c.vpmaddwd, c.vpaddd));
            yield return Loop("vpermw + vpaddw of 3 ternary weights, zmm", 96, (c, i) => Pair(c, i, c.vpermw, c.vpaddw));
            yield return Loop("float32 FMA, zmm", 16, (c, i) => c.vfmadd231ps(Zmm[i], zmm16, zmm17));
        }
        if (Avx2.IsSupported)
            yield return Loop("vpmaddubsw + vpaddw, ymm", 32, Narrow);
        if (Vnni.IsSupported)
            yield return Loop("vpdpbusd, zmm", 64, (c, i) => c.vpdpbusd(Zmm[i], zmm16, zmm17));
    }

    /// <summary>Reads from memory.</summary>
    public static Contender Memory(int threads) => new LimitContender("read, GB/s", threads, ReadBytes, Reading());

    private static AssemblerRegisterZMM[] Zmm { get; } = [zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15];

    private static AssemblerRegisterYMM[] Ymm { get; } = [ymm0, ymm1, ymm2, ymm3, ymm4, ymm5, ymm6, ymm7, ymm8, ymm9, ymm10, ymm11, ymm12, ymm13, ymm14, ymm15];

    private static void Narrow(Assembler c, int i)
    {
        c.vpmaddubsw(Ymm[12 + (i % 2)], ymm14, ymm15);
        c.vpaddw(Ymm[i], Ymm[i], Ymm[12 + (i % 2)]);
    }

    private static void Pair(Assembler c, int i, Action<AssemblerRegisterZMM, AssemblerRegisterZMM, AssemblerRegisterZMM> multiply, Action<AssemblerRegisterZMM, AssemblerRegisterZMM, AssemblerRegisterZMM> add)
    {
        multiply(Zmm[12 + (i % 4)], zmm16, zmm17);
        add(Zmm[i], Zmm[i], Zmm[12 + (i % 4)]);
    }

    private static LimitContender Loop(string name, int threads, double operations, int products, Action<Assembler, int> sum)
    {
        var steps = Math.Max(1, (int)(operations / threads / (Sums * 2 * products)));
        var c = new Assembler(64);
        var again = c.CreateLabel();
        // Operands of zeros are as fast as any others, and never slow denormals.
        foreach (var register in Ymm)
            c.vpxor(register, register, register);
        if (Avx512BW.IsSupported)
        {
            c.vpxord(zmm16, zmm16, zmm16);
            c.vpxord(zmm17, zmm17, zmm17);
        }
        c.mov(eax, steps);
        c.Label(ref again);
        for (var i = 0; i < Sums; i++)
            sum(c, i);
        c.dec(eax);
        c.jnz(again);
        c.vzeroupper();
        c.ret();
        var code = (delegate* unmanaged<void>)ExecutableMemory.TryPlace(c);
        if (code is null)
            throw new InvalidOperationException("This process may not make code executable, and the limits are measured with such code.");
        return new LimitContender(name, threads, steps * Sums * 2.0 * products, () => code());
    }

    // Larger than any cache; kept until the process ends.
    private static Action Reading()
    {
        var memory = (byte*)NativeMemory.AlignedAlloc(ReadBytes, 64);
        new Span<byte>(memory, ReadBytes).Fill(1);
        return () =>
        {
            Vector512<byte> a = default, b = default, c = default, d = default;
            for (var p = memory; p < memory + ReadBytes; p += 256)
            {
                a |= Vector512.Load(p);
                b |= Vector512.Load(p + 64);
                c |= Vector512.Load(p + 128);
                d |= Vector512.Load(p + 192);
            }
            if (((a | b) | (c | d)) != Vector512.Create((byte)1))
                throw new InvalidOperationException("The memory does not hold what was written.");
        };
    }
}
