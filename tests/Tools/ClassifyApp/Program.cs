// What an application needs to classify images with a package: ClassifyApp MODEL.chpkg IMAGE [LABEL...]
// Without labels it encodes the image, and says how long that took from opening the package.
using System.Diagnostics;
using CompressionHost.Inference;
using CompressionHost.Tensors;

if (args.Length < 2)
{
    Console.Error.WriteLine("ClassifyApp MODEL.chpkg IMAGE [LABEL...]");
    return 2;
}
try
{
    var image = ReadImage(args[1]);
    var began = Stopwatch.GetTimestamp();
    using var session = ClipSession.Open(args[0]);
    if (args.Length == 2)
    {
        var embedding = session.EncodeImage(image);
        Console.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalMilliseconds:F1} ms from opening to an embedding of {embedding.Length} values");
    }
    else
    {
        foreach (var (label, probability) in session.Classify(image, args[2..]))
            Console.WriteLine($"{probability,7:P2}  {label}");
    }
    Console.Error.WriteLine($"kernel {session.Kernel}, {session.Threads} threads");
    return 0;
}
catch (InvalidInputException e)
{
    Console.Error.WriteLine(e.Message);
    return 3;
}

static RgbImage ReadImage(string path)
{
    try
    {
        return ImageDecoder.Decode(File.ReadAllBytes(path));
    }
    catch (InvalidInputException e)
    {
        throw new InvalidInputException($"{path}: {e.Message}", path, e);
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        // The framework's own messages are left out of the program, for its size.
        throw new InvalidInputException($"{path}: cannot be read.", path, e);
    }
}
