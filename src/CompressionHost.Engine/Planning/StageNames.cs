namespace CompressionHost.Engine;

/// <summary>Names of the stages of a run, in their order.</summary>
internal static class StageNames
{
    public const string LoadTeacher = "load teacher";
    public const string DeriveStudent = "derive student";
    public const string Distil = "distil";
    public const string Calibrate = "calibrate";
    public const string Quantize = "quantize";
    public const string Pack = "pack";
    public const string Evaluate = "evaluate";
    public const string Benchmark = "benchmark";
    public const string Gate = "gate";
    public const string Report = "report";
}
