// What an application needs to classify images with a package: ClassifyApp MODEL.chpkg IMAGE LABEL...
using CompressionHost.Inference;
using CompressionHost.Tensors;

if (args.Length < 3)
{
    Console.Error.WriteLine("ClassifyApp MODEL.chpkg IMAGE LABEL...");
    return 2;
}
try
{
    using var session = ClipSession.Open(args[0]);
    var image = ImageDecoder.Decode(File.ReadAllBytes(args[1]));
    foreach (var (label, probability) in session.Classify(image, args[2..]))
        Console.WriteLine($"{probability,7:P2}  {label}");
    Console.Error.WriteLine($"kernel {session.Kernel}, {session.Threads} threads");
    return 0;
}
catch (Exception e) when (e is InvalidInputException or IOException)
{
    Console.Error.WriteLine(e.Message);
    return 3;
}
