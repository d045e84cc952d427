namespace CompressionHost.Recipes;

/// <summary>The code of every fault a recipe can have. Codes never change their meaning; docs/errors.md explains each with an example.</summary>
public static class DiagnosticCodes
{
    /// <summary>The file or the value of <c>--set</c> is not YAML or not UTF-8 text.</summary>
    public const string InvalidYaml = "CH1001";

    /// <summary>A mapping has the same key twice.</summary>
    public const string DuplicateKey = "CH1002";

    /// <summary>A key that means nothing where it stands.</summary>
    public const string UnknownKey = "CH1003";

    /// <summary>A key or section that is required is absent.</summary>
    public const string MissingKey = "CH1004";

    /// <summary>A mapping, a list or a single value stands where another of the three is expected.</summary>
    public const string WrongShape = "CH1005";

    /// <summary>The file, its nesting or what its aliases and variables expand to exceeds a limit.</summary>
    public const string TooLarge = "CH1006";

    /// <summary>YAML that recipes do not use: tags, several documents, keys that are not plain text.</summary>
    public const string UnsupportedYaml = "CH1007";

    /// <summary>The recipe is of a format version this program does not read.</summary>
    public const string UnsupportedVersion = "CH1008";

    /// <summary>Two keys that exclude each other.</summary>
    public const string ConflictingKeys = "CH1009";

    /// <summary>A value of the wrong type.</summary>
    public const string WrongType = "CH1101";

    /// <summary>A number outside its range.</summary>
    public const string OutOfRange = "CH1102";

    /// <summary>A value that is not one of those allowed.</summary>
    public const string NotAllowed = "CH1103";

    /// <summary>A text that is not written as it must be: a name, a percentage, a size, a duration, a version range.</summary>
    public const string BadFormat = "CH1104";

    /// <summary>A list or text of the wrong length.</summary>
    public const string WrongLength = "CH1105";

    /// <summary>Options that are fine one by one but not together, as the stage itself says.</summary>
    public const string InvalidOptions = "CH1106";

    /// <summary>An option whose .NET type recipes cannot express; the plugin is at fault.</summary>
    public const string UnsupportedOption = "CH1107";

    /// <summary>A recipe file is missing or cannot be read.</summary>
    public const string UnreadableFile = "CH1201";

    /// <summary>A recipe extends itself, directly or through others.</summary>
    public const string ExtendsCycle = "CH1202";

    /// <summary>A <c>--set</c> that is malformed or leads nowhere.</summary>
    public const string InvalidOverride = "CH1203";

    /// <summary>A variable or environment variable that is not set.</summary>
    public const string UnsetVariable = "CH1204";

    /// <summary>A reference to a variable that is malformed, circular or of the wrong kind.</summary>
    public const string InvalidVariable = "CH1205";

    /// <summary>A variable that nothing refers to.</summary>
    public const string UnusedVariable = "CH1206";

    /// <summary>No loaded plugin has a stage of that kind and name.</summary>
    public const string UnknownStage = "CH1207";

    /// <summary>A reference to a data set that <c>data:</c> does not name.</summary>
    public const string UnknownData = "CH1208";

    /// <summary>A data set that nothing uses.</summary>
    public const string UnusedData = "CH1209";

    /// <summary>Something needs a teacher, and there is none.</summary>
    public const string TeacherRequired = "CH1210";

    /// <summary>Two entries would give metrics of the same name.</summary>
    public const string DuplicateName = "CH1211";

    /// <summary>A stage threw when it was asked about itself.</summary>
    public const string StageFailed = "CH1212";

    /// <summary>A calibrator without the data it looks at, or with data it does not look at.</summary>
    public const string CalibrationData = "CH1213";

    /// <summary>A calibration whose result nothing would use.</summary>
    public const string UnusedCalibration = "CH1214";

    /// <summary>A pattern of <c>match</c> that matches no weight.</summary>
    public const string RuleMatchesNothing = "CH1301";

    /// <summary>A rule all of whose weights are taken by earlier rules.</summary>
    public const string RuleShadowed = "CH1302";

    /// <summary>A gate on a metric that nothing gives.</summary>
    public const string UnknownMetric = "CH1401";

    /// <summary>A gate without a limit.</summary>
    public const string GateWithoutLimit = "CH1402";

    /// <summary>A gate that can never hold.</summary>
    public const string ImpossibleGate = "CH1403";

    /// <summary>A gate on the loss against the teacher of a metric the teacher does not have.</summary>
    public const string NoTeacherMetric = "CH1404";

    /// <summary>A file or folder the recipe names does not exist.</summary>
    public const string InputMissing = "CH1501";

    /// <summary>An evaluator cannot use the data it is given: no labels, no captions, too few samples.</summary>
    public const string DataDoesNotSuit = "CH1502";

    /// <summary>Options that are each allowed but together describe nothing that can be made or opened.</summary>
    public const string OptionsDoNotSuit = "CH1503";

    /// <summary>A benchmark that cannot be made: no package to time, or a backend that cannot run on this machine.</summary>
    public const string BenchmarkImpossible = "CH1504";

    /// <summary>An evaluator cannot measure a model of that kind, or lacks the teacher it compares with.</summary>
    public const string EvaluatorDoesNotSuit = "CH1505";

    /// <summary>A rule whose quantizer adds a bias to the layer, and a weight of it whose layer has none.</summary>
    public const string NoBias = "CH1506";

    /// <summary>A loss that cannot be computed of the model that is trained, or of the data it is trained on.</summary>
    public const string LossDoesNotSuit = "CH1507";

    /// <summary>A calibration that chooses codes which its rule's quantizer knows nothing of.</summary>
    public const string CalibrationDoesNotSuit = "CH1508";
}
