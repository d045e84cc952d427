using System.Text.Json;

namespace CompressionHost.Engine;

/// <summary>A plan as the stable JSON of <c>plan --json</c>.</summary>
public static class PlanJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Renders <c>{"sites", "packageBytes", "peakMemoryBytes", "stages"}</c>.</summary>
    public static string Render(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return JsonSerializer.Serialize(new { plan.Sites, plan.PackageBytes, plan.PeakMemoryBytes, plan.Stages }, Options);
    }
}
