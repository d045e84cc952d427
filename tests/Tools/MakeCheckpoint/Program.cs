using CompressionHost.Tensors;
using CompressionHost.Tools;

if (args is [] or ["--help"] or ["-h"])
{
    Console.WriteLine(CheckpointOptions.Usage);
    return args.Length == 0 ? 2 : 0;
}
try
{
    var options = CheckpointOptions.Parse(args);
    var written = CheckpointWriter.Write(options);
    Console.WriteLine($"{options.Output}: {written.Parameters} parameters, {written.Bytes} bytes of weights");
    return 0;
}
catch (InvalidInputException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
