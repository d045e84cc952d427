using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>Makes events of a download's progress.</summary>
internal sealed class DownloadReports(Action<RunEvent> report) : IProgress<ModelDownload>
{
    public void Report(ModelDownload value) => report(new DownloadAdvanced(value.File, value.Bytes, value.TotalBytes));
}
