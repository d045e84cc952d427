using System.Diagnostics;
using System.Globalization;

namespace CompressionHost.Engine;

/// <summary>Resident memory of this process.</summary>
internal static class ProcessMemory
{
    /// <summary>Bytes now.</summary>
    public static long CurrentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    /// <summary>The most there has been.</summary>
    public static long PeakBytes()
    {
        // .NET reports the peak as 0 on Linux; the kernel has it.
        if (OperatingSystem.IsLinux())
        {
            foreach (var line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) << 10;
            }
        }
        using var process = Process.GetCurrentProcess();
        // macOS reports no peak; what there is now is a lower bound of it.
        return Math.Max(process.PeakWorkingSet64, process.WorkingSet64);
    }
}
