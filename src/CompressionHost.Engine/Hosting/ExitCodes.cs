namespace CompressionHost.Engine;

/// <summary>Exit codes of the command line; a pipeline may rely on them.</summary>
public static class ExitCodes
{
    /// <summary>Done, and every gate holds.</summary>
    public const int Success = 0;

    /// <summary>Done, but a gate failed. The package and the report are kept.</summary>
    public const int GateFailed = 1;

    /// <summary>The recipe or the command line is wrong; nothing heavy ran.</summary>
    public const int InvalidRecipe = 2;

    /// <summary>A stage failed.</summary>
    public const int StageFailed = 3;

    /// <summary>A plugin could not be loaded.</summary>
    public const int PluginFailed = 4;

    /// <summary>Interrupted; a checkpoint was saved where training had begun.</summary>
    public const int Interrupted = 130;
}
