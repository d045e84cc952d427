using System.Globalization;
using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CompressionHost.Kernels.Tests;

/// <summary>Code made at run time: where it lies, and that it keeps to the calling conventions. What it computes is under the law of every kernel.</summary>
public sealed unsafe class EmittedCodeTests
{
    private const int SavedVectors = 10;
    private const long Rdi = 0x1234_5678_9ABC;
    private const long Rsi = 0x0FED_CBA9_8765;

    private static readonly AssemblerRegisterXMM[] Saved = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    [Fact]
    public void Its_pages_can_be_executed_and_not_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "Reads /proc/self/maps, and the code is x64's.");
        var c = new Assembler(64);
        c.mov(eax, 42);
        c.ret();
        var code = ExecutableMemory.TryPlace(c);
        Assert.True(code is not null);
        Assert.Equal(42, ((delegate* unmanaged<int>)code)());
        var line = Assert.Single(File.ReadLines("/proc/self/maps"), l => Contains(l, (ulong)code));
        Assert.Equal("r-xp", line.Split(' ')[1]);
    }

    /// <summary>Windows's form, called from here through a few instructions that fill every register it must not change.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public void On_Windows_it_keeps_the_registers_that_belong_to_its_caller(int tokens, bool asymmetric)
    {
        Assert.SkipUnless(Vnni.IsSupported && !OperatingSystem.IsWindows(), "Needs AVX512_VNNI, and is about Windows's convention elsewhere.");
        var windows = ExecutableMemory.TryPlace(VnniAssembler.Assemble(tokens, asymmetric, windows: true));
        var here = ExecutableMemory.TryPlace(VnniAssembler.Assemble(tokens, asymmetric, windows: false));
        Assert.True(windows is not null && here is not null);
        var call = (delegate* unmanaged<PanelCall*, byte*, void>)ExecutableMemory.TryPlace(Caller((ulong)windows));
        var expected = Run(tokens, p => ((delegate* unmanaged<PanelCall*, void>)here)(p));

        var registers = new byte[2 * SavedVectors * 16 + 2 * sizeof(long)];
        new Random(1).NextBytes(registers.AsSpan(0, SavedVectors * 16));
        var actual = Run(tokens, p =>
        {
            fixed (byte* r = registers)
                call(p, r);
        });

        Assert.Equal(expected, actual);
        Assert.Contains(expected, y => y != 0);
        Assert.Equal(registers[..(SavedVectors * 16)], registers[(SavedVectors * 16)..(2 * SavedVectors * 16)]);
        Assert.Equal([Rdi, Rsi], MemoryMarshal.Cast<byte, long>(registers.AsSpan(2 * SavedVectors * 16)).ToArray());
    }

    private delegate void Call(PanelCall* call);

    // Two groups of three and two steps.
    private static float[] Run(int tokens, Call run)
    {
        const int steps = 5, groups = 2, stride = 32;
        var y = new float[tokens * VnniCode.Rows];
        var panel = (byte*)NativeMemory.AlignedAlloc(steps * VnniCode.Rows * 4, 64);
        var x = stackalloc sbyte[tokens * stride];
        var corrections = stackalloc int[tokens * groups];
        var scales = stackalloc float[groups * VnniCode.Rows];
        var zeros = stackalloc byte[groups * VnniCode.Rows];
        var random = new Random(2);
        random.NextBytes(new Span<byte>(panel, steps * VnniCode.Rows * 4));
        random.NextBytes(new Span<byte>(x, tokens * stride));
        random.NextBytes(new Span<byte>(zeros, groups * VnniCode.Rows));
        for (var i = 0; i < tokens * groups; i++)
            corrections[i] = random.Next(-1000, 1000);
        for (var i = 0; i < groups * VnniCode.Rows; i++)
            scales[i] = random.NextSingle();
        fixed (float* output = y)
        {
            var call = new PanelCall
            {
                Panel = panel,
                X = x,
                XStride = stride,
                Corrections = corrections,
                CorrectionStride = groups * sizeof(int),
                Scales = scales,
                ScaleStride = VnniCode.Rows * sizeof(float),
                Zeros = zeros,
                ZeroStride = VnniCode.Rows,
                Y = output,
                YStride = VnniCode.Rows * sizeof(float),
                Groups = groups,
                Steps = 3,
                LastSteps = 2,
                Group = 12,
            };
            run(&call);
        }
        NativeMemory.AlignedFree(panel);
        return y;
    }

    // void(PanelCall* rdi, byte* rsi) of System V: the saved vectors are loaded from rsi, and after the call stored behind.
    private static Assembler Caller(ulong windows)
    {
        var c = new Assembler(64);
        c.push(rbx);
        c.mov(rbx, rsi);
        c.mov(rcx, rdi);
        for (var i = 0; i < SavedVectors; i++)
            c.vmovups(Saved[i], __xmmword_ptr[rbx + i * 16]);
        c.mov(rdi, Rdi);
        c.mov(rsi, Rsi);
        c.mov(rax, windows);
        // Room that a caller on Windows leaves for its callee's arguments.
        c.sub(rsp, 32);
        c.call(rax);
        c.add(rsp, 32);
        for (var i = 0; i < SavedVectors; i++)
            c.vmovups(__xmmword_ptr[rbx + (SavedVectors + i) * 16], Saved[i]);
        c.mov(__qword_ptr[rbx + 2 * SavedVectors * 16], rdi);
        c.mov(__qword_ptr[rbx + 2 * SavedVectors * 16 + sizeof(long)], rsi);
        c.pop(rbx);
        c.ret();
        return c;
    }

    private static bool Contains(string line, ulong address)
    {
        var range = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-');
        return address >= ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            && address < ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
