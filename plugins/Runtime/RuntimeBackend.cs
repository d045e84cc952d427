using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Runtime;

/// <summary>Runs native packages with <see cref="ClipSession"/> on processors of one kind; which instruction set computes is the session's choice.</summary>
public abstract class RuntimeBackend : IHardwareBackend
{
    private readonly RuntimeOptions _options;
    private readonly Architecture _processor;

    private protected RuntimeBackend(RuntimeOptions options, Architecture processor)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _processor) = (options, processor);
    }

    /// <inheritdoc/>
    public string? WhyNotHere() => WhyNotOn(_processor, RuntimeInformation.ProcessArchitecture);

    /// <inheritdoc/>
    public string? WhyNot(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (WhyNotHere() is { } reason)
            return reason;
        try
        {
            return NativePackage.Find(path) is { } file ? WhyNotPackage(file) : NoPackage(path);
        }
        catch (Exception e) when (e is InvalidInputException or IOException or UnauthorizedAccessException)
        {
            // A folder of several packages, or one that may not be read.
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public IImageTextSession Open(string path, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        // Of a package the session finds what is wrong, when it reads it anyway.
        return WhyNotHere() is { } reason
            ? throw new InvalidInputException(reason, path)
            : new RuntimeSession(ClipSession.Open(path, new ClipSessionOptions { Threads = threads, Verify = _options.Verify }));
    }

    /// <summary>Why a backend for one kind of processor cannot run on another, or null.</summary>
    internal static string? WhyNotOn(Architecture wanted, Architecture actual) => wanted == actual ? null
        : $"it is for {Name(wanted)} processors and this process runs as {Name(actual)}{(actual is Architecture.X64 or Architecture.Arm64 ? $"; use '{(actual == Architecture.X64 ? "x64" : "arm")}'" : "")}.";

    private static string? WhyNotPackage(string file)
    {
        try
        {
            using var package = NativePackageFile.Open(file);
            return package.Architecture == ClipLayout.Architecture ? null
                : $"{file} holds a model of architecture '{package.Architecture}', and it runs '{ClipLayout.Architecture}'.";
        }
        catch (InvalidInputException)
        {
            // Damage is for Open to report, as the error that it is.
            return null;
        }
    }

    private static string NoPackage(string path)
    {
        if (!Path.Exists(path))
            return $"{path} does not exist.";
        return File.Exists(path)
            ? $"{path} is no native package ({NativePackage.Extension})."
            : $"{path} has no native package ({NativePackage.Extension}); a recipe writes one with 'pack: [{{ use: native }}]', and a checkpoint is run by 'torch'.";
    }

    private static string Name(Architecture processor) => processor switch
    {
        Architecture.X64 => "x64",
        Architecture.Arm64 => "ARM64",
        var other => other.ToString(),
    };
}

/// <summary>Native packages on x64.</summary>
/// <param name="options">Checks.</param>
public sealed class X64Backend(RuntimeOptions options) : RuntimeBackend(options, Architecture.X64);

/// <summary>Native packages on ARM64.</summary>
/// <param name="options">Checks.</param>
public sealed class ArmBackend(RuntimeOptions options) : RuntimeBackend(options, Architecture.Arm64);
