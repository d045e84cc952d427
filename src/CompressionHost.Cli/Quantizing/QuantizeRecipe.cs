using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>The recipe that a command line of <c>quantize</c> amounts to.</summary>
internal sealed partial record QuantizeRecipe
{
    private const string DataName = "calibration";
    private const int LongestName = 60;

    /// <summary>The checkpoint and its loader.</summary>
    public required Checkpoint Checkpoint { get; init; }

    /// <summary>What weights become.</summary>
    public required NamedStage Quantizer { get; init; }

    /// <summary>Patterns of weights that stay float16.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>How codes and scales are chosen; null for the quantizer alone.</summary>
    public NamedStage? Calibrator { get; init; }

    /// <summary>Keys and values of the data source; null where none is needed.</summary>
    public IReadOnlyList<(string Key, string Value)>? Data { get; init; }

    /// <summary>Samples of it.</summary>
    public int Samples { get; init; }

    /// <summary>The name of the run: that of the checkpoint and of the scheme.</summary>
    public string Name
    {
        get
        {
            var source = NotInNames().Replace(Checkpoint.Name, "-").Trim('-', '.', '_');
            return $"{(source.Length == 0 ? "model" : source[..Math.Min(LongestName, source.Length)])}-{Quantizer.Name}";
        }
    }

    /// <summary>Writes the recipe into a folder, over an earlier one of the same name.</summary>
    /// <returns>Its path.</returns>
    public string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Name + ".yaml");
        AtomicFile.WriteAllText(path, Text());
        return path;
    }

    /// <summary>Replaces the text of a recipe that was written.</summary>
    public static void Rewrite(string path, string text) => AtomicFile.WriteAllText(path, text);

    private string Text()
    {
        var text = new StringBuilder();
        text.Append("recipe: 1\n").Append(CultureInfo.InvariantCulture, $"name: {Quote(Name)}\n");
        text.Append(CultureInfo.InvariantCulture, $"teacher: {{ use: {Checkpoint.Loader}, model: {Quote(Checkpoint.Model)} }}\n");
        if (Data is not null)
            text.Append(CultureInfo.InvariantCulture, $"data:\n  {DataName}: {{ {string.Join(", ", Data.Select(d => $"{d.Key}: {Quote(d.Value)}"))} }}\n");
        text.Append("quantize:\n");
        if (Keep.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ match: [{string.Join(", ", Keep.Select(Quote))}], keep: float16 }}\n");
        text.Append(CultureInfo.InvariantCulture, $"  - {{ match: '*', {Quantizer.Body}{Calibration()} }}\n");
        return text.Append(Checkpoint.Loader == CheckpointKind.Onnx ? "pack:\n  - { use: onnx }\n" : "pack:\n  - { use: native }\n  - { use: huggingface }\n").ToString();
    }

    private string Calibration()
    {
        if (Calibrator is null)
            return "";
        var samples = Data is null ? "" : string.Create(CultureInfo.InvariantCulture, $", data: {DataName}, samples: {Samples}");
        return $", calibrate: {{ {Calibrator.Body}{samples} }}";
    }

    // A dollar sign begins a variable in recipes, and names and paths mean none.
    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal).Replace("${", "$${", StringComparison.Ordinal) + "'";

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex NotInNames();
}
