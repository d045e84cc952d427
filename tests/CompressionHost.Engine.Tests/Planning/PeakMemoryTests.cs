using CompressionHost.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine.Tests;

/// <summary>The memory a plan predicts. How near it is to a run's is a test of the command line.</summary>
public sealed class PeakMemoryTests : IDisposable
{
    private const long Values = 1 << 20;

    private const string Yaml =
        """
        recipe: 1
        name: peak
        student: { use: clip }
        pack: [ { use: native } ]
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_file_is_in_memory_beside_the_weights_that_are_read_from_it()
    {
        var made = Peak(Header(), null);
        Assert.Equal(made + (Values * 4), Peak(Header(Values * 4), null));
        Assert.Equal(made + (Values * 2), Peak(Header(Values * 2), null));
    }

    [Fact]
    public void A_teacher_of_its_own_stays_in_memory_and_its_file_does_not()
    {
        var alone = Peak(Header(Values * 4), null);
        Assert.Equal(alone + (Values * 4), Peak(Header(Values * 4), Header(Values * 2)));
    }

    private long Peak(ModelHeader model, ModelHeader? teacher)
    {
        var recipe = TinyRecipe.Read(_services, Yaml, _folder.In("peak.yaml"));
        return PlanBuilder.Build(recipe, model, teacher, new Dictionary<string, (string, IQuantizer)>(), null).PeakMemoryBytes;
    }

    private ModelHeader Header(params long[] files) => new("clip", [new TensorHeader("w", [Values], null)])
    {
        Files = [.. files.Select(bytes =>
        {
            var path = _folder.In($"{bytes}.safetensors");
            using var file = File.Create(path);
            file.SetLength(bytes);
            return path;
        })],
    };
}
