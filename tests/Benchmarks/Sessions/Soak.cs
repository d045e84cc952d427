using System.Diagnostics;
using System.Globalization;
using CompressionHost.Inference;

namespace CompressionHost.Benchmarks;

/// <summary>Many encodes from many threads on one session: <c>--soak PACKAGE [ENCODES] [THREADS]</c>. Every embedding must be the first one's, and memory must not grow.</summary>
internal static class Soak
{
    private const int Inputs = 8;

    // What a process may gain between the first tenth of the calls and the last: fragmentation, not a leak of passes.
    private const double MostGrowth = 1.1;

    public static int Run(string[] options)
    {
        var encodes = options.Length > 1 ? int.Parse(options[1], CultureInfo.InvariantCulture) : 100_000;
        var threads = options.Length > 2 ? int.Parse(options[2], CultureInfo.InvariantCulture) : 8;
        using var session = ClipSession.Open(options[0]);
        var (pixels, tokens) = MakeInputs(session.Config);
        var (images, texts) = (new float[Inputs * session.EmbeddingSize], new float[Inputs * session.EmbeddingSize]);
        session.EncodeImages(pixels, Inputs, images);
        session.EncodeTexts(tokens, Inputs, texts);
        var (done, wrong, early) = (0, 0, 0L);
        var clock = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, threads).Select(n => new Thread(() =>
        {
            var embedding = new float[session.EmbeddingSize];
            for (int i; (i = Interlocked.Increment(ref done)) <= encodes;)
            {
                var (input, isImage) = (i % Inputs, i / Inputs % 2 == 0);
                if (isImage)
                    session.EncodeImages(Part(pixels, input), 1, embedding);
                else
                    session.EncodeTexts(Part(tokens, input), 1, embedding);
                if (!embedding.AsSpan().SequenceEqual(Part(isImage ? images : texts, input)))
                    Interlocked.Increment(ref wrong);
                if (i == encodes / 10)
                    early = Process.GetCurrentProcess().WorkingSet64;
            }
        })).ToList();
        workers.ForEach(w => w.Start());
        workers.ForEach(w => w.Join());
        var late = Process.GetCurrentProcess().WorkingSet64;
        Console.WriteLine($"{encodes} encodes on {threads} threads in {clock.Elapsed.TotalSeconds:F1} s, {wrong} wrong; {early >> 20} MiB after a tenth, {late >> 20} at the end");
        return wrong == 0 && late <= early * MostGrowth ? 0 : 1;
    }

    private static ReadOnlySpan<T> Part<T>(T[] all, int index) => all.AsSpan(index * (all.Length / Inputs), all.Length / Inputs);

    private static (float[] Pixels, int[] Tokens) MakeInputs(ClipConfig config)
    {
        var random = new Random(1);
        var pixels = new float[Inputs * 3 * config.Vision.ImageSize * config.Vision.ImageSize];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = random.NextSingle() * 4 - 2;
        var tokens = new int[Inputs * config.Text.ContextLength];
        Array.Fill(tokens, config.Text.EndToken == ClipTextConfig.LegacyEndToken ? config.Text.VocabularySize - 1 : config.Text.EndToken);
        for (var i = 0; i < Inputs; i++)
        {
            for (var t = 0; t < 1 + i; t++)
                tokens[i * config.Text.ContextLength + t] = random.Next(3, config.Text.VocabularySize - 2);
        }
        return (pixels, tokens);
    }
}
