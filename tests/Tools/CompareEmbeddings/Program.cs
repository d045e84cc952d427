// Compares what `dotnet compress encode --output` wrote for two models and the same inputs: the mean and the least cosine of corresponding embeddings.
using System.Globalization;
using CompressionHost.Tensors;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: CompareEmbeddings A.safetensors B.safetensors");
    return 2;
}
try
{
    using var first = SafetensorsFile.Open(args[0]);
    using var second = SafetensorsFile.Open(args[1]);
    foreach (var name in new[] { "image_embeds", "text_embeds" })
    {
        if (first.Find(name) is not { } a || second.Find(name) is not { } b)
            continue;
        if (!a.Shape.SequenceEqual(b.Shape))
            throw new InvalidInputException($"{name} is [{string.Join(", ", a.Shape)}] in one file and [{string.Join(", ", b.Shape)}] in the other.");
        var cosines = Cosines(Values(first, a), Values(second, b), (int)a.Shape[^1]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {cosines.Average():F5} {cosines.Min():F5}"));
    }
    return 0;
}
catch (InvalidInputException e)
{
    Console.Error.WriteLine(e.Message);
    return 3;
}

static float[] Values(SafetensorsFile file, SafetensorsEntry entry)
{
    var values = new float[entry.Shape.Aggregate(1L, (count, d) => count * d)];
    file.ReadFloat32(entry, values);
    return values;
}

static double[] Cosines(float[] a, float[] b, int width)
{
    var cosines = new double[a.Length / width];
    for (var i = 0; i < cosines.Length; i++)
    {
        double product = 0, left = 0, right = 0;
        for (var k = i * width; k < (i + 1) * width; k++)
        {
            product += (double)a[k] * b[k];
            left += (double)a[k] * a[k];
            right += (double)b[k] * b[k];
        }
        cosines[i] = product / Math.Sqrt(left * right);
    }
    return cosines;
}
