using System.Runtime.InteropServices;
using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>Writes embeddings.</summary>
internal static class EmbeddingFiles
{
    /// <summary>
    /// <c>{"model","backend","embeddingSize","logitScale","images":[{"path","embedding"}],"texts":[{"text","tokens","embedding"}]}</c>.
    /// Every float32 is printed with as many digits as it takes to read the same value back.
    /// </summary>
    /// <param name="path">The file; null for standard output.</param>
    /// <param name="model">The model's path as it was given.</param>
    /// <param name="backend">Name of the backend.</param>
    /// <param name="logitScale">Logit scale of the model, not its logarithm.</param>
    /// <param name="embeddings">What to write.</param>
    public static void WriteJson(string? path, string model, string backend, float logitScale, Embeddings embeddings)
    {
        if (path is not null)
        {
            AtomicFile.Write(path, s => Write(s, model, backend, logitScale, embeddings));
            return;
        }
        using var output = Console.OpenStandardOutput();
        Write(output, model, backend, logitScale, embeddings);
    }

    /// <summary>
    /// <c>image_embeds</c> [images, size] and <c>text_embeds</c> [texts, size] in float32, <c>input_ids</c> [texts, context] in int64; a kind that was
    /// not asked for is left out. The metadata has the paths and texts as JSON arrays.
    /// </summary>
    public static void WriteSafetensors(string path, Embeddings embeddings, int contextLength, int padToken)
    {
        var tensors = new List<SafetensorsTensor>();
        var metadata = new Dictionary<string, string>();
        if (embeddings.Images.Count > 0)
        {
            tensors.Add(Floats("image_embeds", embeddings.Images.Select(i => i.Embedding), embeddings.Images.Count, embeddings.Size));
            metadata["images"] = JsonSerializer.Serialize(embeddings.Images.Select(i => i.Path));
        }
        if (embeddings.Texts.Count > 0)
        {
            var ids = new long[embeddings.Texts.Count * contextLength];
            Array.Fill(ids, padToken);
            for (var i = 0; i < embeddings.Texts.Count; i++)
            {
                for (var t = 0; t < embeddings.Texts[i].Tokens.Length; t++)
                    ids[i * contextLength + t] = embeddings.Texts[i].Tokens[t];
            }
            tensors.Add(new SafetensorsTensor("input_ids", ElementType.Int64, [embeddings.Texts.Count, contextLength], MemoryMarshal.AsBytes(ids.AsSpan()).ToArray()));
            tensors.Add(Floats("text_embeds", embeddings.Texts.Select(t => t.Embedding), embeddings.Texts.Count, embeddings.Size));
            metadata["texts"] = JsonSerializer.Serialize(embeddings.Texts.Select(t => t.Text));
        }
        SafetensorsWriter.Write(path, tensors, metadata);
    }

    private static SafetensorsTensor Floats(string name, IEnumerable<float[]> rows, int count, int size)
    {
        var values = rows.SelectMany(r => r).ToArray();
        return new SafetensorsTensor(name, ElementType.Float32, [count, size], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private static void Write(Stream stream, string model, string backend, float logitScale, Embeddings embeddings)
    {
        using (var w = new Utf8JsonWriter(stream, JsonLine.Options))
        {
            w.WriteStartObject();
            w.WriteString("model", model);
            w.WriteString("backend", backend);
            w.WriteNumber("embeddingSize", embeddings.Size);
            w.WriteNumber("logitScale", logitScale);
            w.WriteStartArray("images");
            foreach (var (path, embedding) in embeddings.Images)
            {
                w.WriteStartObject();
                w.WriteString("path", path);
                WriteVector(w, embedding);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteStartArray("texts");
            foreach (var (text, tokens, embedding) in embeddings.Texts)
            {
                w.WriteStartObject();
                w.WriteString("text", text);
                w.WriteStartArray("tokens");
                foreach (var token in tokens)
                    w.WriteNumberValue(token);
                w.WriteEndArray();
                WriteVector(w, embedding);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteEndObject();
        }
        stream.Write("\n"u8);
    }

    private static void WriteVector(Utf8JsonWriter w, float[] vector)
    {
        w.WriteStartArray("embedding");
        foreach (var value in vector)
            w.WriteNumberValue(value);
        w.WriteEndArray();
        w.Flush();
    }
}
