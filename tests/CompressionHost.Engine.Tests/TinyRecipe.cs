using CompressionHost.Recipes;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine.Tests;

/// <summary>A recipe that trains a very small model on generated pictures in seconds.</summary>
internal static class TinyRecipe
{
    public const string Yaml =
        """
        recipe: 1
        name: tiny
        seed: 5
        threads: 1
        student:
          use: clip
          image: 16
          patch: 8
          vision: { width: 32, depth: 1, heads: 2 }
          text: { width: 32, depth: 1, heads: 2, context: 24 }
          embedding: 16
          vocabulary: 600
        data:
          train: { use: sprites, image: 16, count: 256 }
          test: { use: sprites, image: 16, count: 64, split: test, labels: shape }
        quantize:
          - { match: "*.mlp.*", use: ternary }
          - { match: "*", keep: float16 }
        distill:
          data: train
          steps: 6
          batch: 16
          losses: [ { use: contrastive } ]
          checkpointEvery: 2
        pack: [ { use: native } ]
        evaluate: [ { use: zero-shot, data: test } ]
        gates: [ { metric: size.ratio, min: 1 } ]
        """;

    /// <summary>Reads a recipe that must be valid.</summary>
    public static Recipe Read(IServiceProvider services, string yaml, string path)
    {
        File.WriteAllText(path, yaml);
        var result = services.GetRequiredService<RecipeReader>().Read(path, []);
        Assert.Empty(result.Diagnostics);
        return result.Recipe!;
    }
}

/// <summary>Keeps what it is told.</summary>
internal sealed class EventList : IProgress<RunEvent>
{
    private readonly List<RunEvent> _events = [];

    public IReadOnlyList<RunEvent> Events => _events;

    public Action<RunEvent>? Seen { get; init; }

    public void Report(RunEvent value)
    {
        _events.Add(value);
        Seen?.Invoke(value);
    }
}
