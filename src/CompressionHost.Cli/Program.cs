return CompressionHost.Cli.CommandLine.Run(args);
