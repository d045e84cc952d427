using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>Something that the package is compared with: the same model in another form, run by another library.</summary>
/// <param name="Name">What <c>--with</c> calls it.</param>
/// <param name="Backend">The backend that runs it, as YAML.</param>
/// <param name="Packer">The packer that makes its files from the package, as YAML; null where the backend opens the package itself.</param>
internal sealed record Contender(string Name, string Backend, string? Packer)
{
    /// <summary>All that are known.</summary>
    public static IReadOnlyList<Contender> Known { get; } =
    [
        new("torch-float32", "{use: torch, precision: float32}", null),
        new("torch-bfloat16", "{use: torch, precision: bfloat16}", null),
        new("onnx-float32", "{use: onnx}", "{use: onnx, type: float32}"),
        new("onnx-int8", "{use: onnx}", "{use: onnx, type: int8}"),
        new("onnx-int4", "{use: onnx}", "{use: onnx, type: int4}"),
    ];

    /// <summary>Finds those that were asked for.</summary>
    /// <exception cref="CommandLineException">There is no contender of that name.</exception>
    public static IReadOnlyList<Contender> Named(IEnumerable<string> names) => [.. names.Distinct().Select(Named)];

    /// <summary>Why it cannot take part, or null.</summary>
    /// <param name="stages">The stages that are loaded.</param>
    /// <param name="model">The model that is compared.</param>
    public string? WhyNot(IStageCatalog stages, string model)
    {
        if (Packer is not null && NativePackage.Find(model) is null)
            return $"'{Name}' is made from a {NativePackage.Extension} package, and '{model}' is none";
        var library = Name.Split('-')[0];
        var missing = new List<string>();
        if (stages.Find(StageKind.HardwareBackend, library) is null)
            missing.Add($"backend '{library}'");
        if (Packer is not null && stages.Find(StageKind.Packer, library) is null)
            missing.Add($"packer '{library}'");
        return missing.Count == 0 ? null : $"'{Name}' needs the {string.Join(" and the ", missing)}, and no loaded plugin has it";
    }

    private static Contender Named(string name)
    {
        if (Known.FirstOrDefault(c => c.Name == name) is { } contender)
            return contender;
        var hint = Suggestion.For(name, Known.Select(c => c.Name)) is { } meant ? $"did you mean '{meant}'?" : $"there are {string.Join(", ", Known.Select(c => c.Name))}";
        throw new CommandLineException($"--with '{name}' is nothing to compare with; {hint}");
    }
}
