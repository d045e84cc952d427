namespace CompressionHost.EndToEnd.Tests;

/// <summary>A classifier and a text encoder with random weights, as folders that transformers would load.</summary>
public sealed class TinyCheckpoints : IAsyncLifetime
{
    private const string Vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nred\nblue\ncircle\nsquare\n##s\n";

    private readonly TemporaryFolder _folder = new();

    /// <summary>A ViT of eight weight sites.</summary>
    public string Vit { get; private set; } = "";

    /// <summary>A BERT of eight weight sites, its pooler's and the token embedding among them.</summary>
    public string Bert { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _folder.Write("words/vocab.txt", Vocabulary);
        Vit = await Make("vit", "classes: [cat, dog], image: 16, patch: 8, width: 32, depth: 1, heads: 2");
        Bert = await Make("bert", "tokenizer: ./words, vocabulary: 540, context: 16, width: 32, depth: 1, heads: 2, pooler: true");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> Make(string loader, string sizes)
    {
        var recipe = _folder.Write(
            $"{loader}.yaml", $"recipe: 1\nname: {loader}\nthreads: 1\nstudent: {{ use: {loader}, new: {{ {sizes} }} }}\npack: [ {{ use: huggingface, type: float32 }} ]\n");
        (await Cli.Run("run", recipe, "--output", _folder[$"{loader}-runs"], "--quiet")).Expect(0);
        var made = Path.GetDirectoryName(Directory.EnumerateFiles(_folder[$"{loader}-runs"], "config.json", SearchOption.AllDirectories).Single())!;
        // The run's folder has the time in its name.
        var target = _folder[$"tiny-{loader}"];
        Directory.Move(made, target);
        return target;
    }
}
