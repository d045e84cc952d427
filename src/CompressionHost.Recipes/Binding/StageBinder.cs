using System.Reflection;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>What is bound of one entry that names a stage.</summary>
/// <param name="Stage">The stage with its options; null if something of them is wrong.</param>
/// <param name="Keys">The section's own keys; null if something of them is wrong.</param>
/// <param name="Use">The name after <c>use</c>; null if it is absent or no text.</param>
internal sealed record BoundStage<TKeys>(StageUse? Stage, TKeys? Keys, string? Use) where TKeys : class;

/// <summary>Binds entries of the form <c>{ use: name, ...options }</c>.</summary>
internal sealed class StageBinder(IStageCatalog catalog, ObjectBinder objects, DiagnosticBag bag)
{
    private sealed record NoKeys;

    /// <summary>Binds an entry that has nothing beside the stage's options.</summary>
    public StageUse? Bind(Node node, StageKind kind, string owner) => Bind<NoKeys>(node, kind, owner)?.Stage;

    /// <summary>Binds an entry; null if it is no mapping at all.</summary>
    /// <param name="node">The entry.</param>
    /// <param name="kind">The kind of stage the section holds.</param>
    /// <param name="owner">What messages call the entry.</param>
    /// <param name="optional">The stage may be absent; the section's keys then say what the entry means.</param>
    public BoundStage<TKeys>? Bind<TKeys>(Node node, StageKind kind, string owner, bool optional = false) where TKeys : class
    {
        if (node.IsFaulty)
            return null;
        if (node is not MapNode map)
        {
            var form = node is ScalarNode { IsNull: false } s ? $"; write {{ use: {s.Text} }}" : "";
            bag.Add(node.Span, DiagnosticCodes.WrongShape, $"{owner} expects a mapping that names a stage, found {node.Describe()}{form}");
            return null;
        }
        var (stage, use) = FindStage(map, kind, owner, optional);
        if (stage is null)
        {
            // With no stage the options are unknown, but the section's keys can still be checked.
            var checkUnknown = optional && use is null && map.Find("use") is null;
            var alone = objects.Bind(map, map.Span, owner, [new ObjectPart(typeof(TKeys))], ["use"], checkUnknown);
            return new BoundStage<TKeys>(null, alone[0] as TKeys, use);
        }
        var named = $"'{stage.Name}'";
        try
        {
            var bound = objects.Bind(map, map.Span, named, [new ObjectPart(typeof(TKeys)), new ObjectPart(stage.OptionsType)], ["use"], checkUnknown: true);
            return new BoundStage<TKeys>(bound[1] is { } options ? new StageUse(stage, options, map.Span) : null, bound[0] as TKeys, use);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Constructors, setters and validation of options are the plugin's own code.
            bag.Add(map.Span, DiagnosticCodes.StageFailed, $"stage '{stage.Name}' of plugin '{stage.Plugin}' failed when its options were set: {(e as TargetInvocationException)?.InnerException?.Message ?? e.Message}");
            return new BoundStage<TKeys>(null, null, use);
        }
    }

    private (StageDescriptor? Stage, string? Use) FindStage(MapNode map, StageKind kind, string owner, bool optional)
    {
        switch (map.Value("use"))
        {
            case { IsFaulty: true }:
                return (null, null);
            case null:
                if (!optional)
                    bag.Add(map.Span, DiagnosticCodes.MissingKey, $"{owner} needs 'use', the name of {KindName(kind)}{Names(kind)}");
                return (null, null);
            case ScalarNode { IsNull: false } name:
                if (catalog.Find(kind, name.Text) is { } stage)
                    return (stage, name.Text);
                bag.Add(name.Span, DiagnosticCodes.UnknownStage, $"no loaded plugin has {KindName(kind)} named {name.Describe()}{Hint(kind, name.Text)}");
                return (null, name.Text);
            case var other:
                bag.Add(other.Span, DiagnosticCodes.WrongType, $"'use' expects the name of {KindName(kind)}, found {other.Describe()}");
                return (null, null);
        }
    }

    private string Hint(StageKind kind, string name)
    {
        var near = Suggestion.Clause(name, catalog.Stages.Where(s => s.Kind == kind).Select(s => s.Name));
        if (near.Length > 0)
            return near;
        return catalog.Stages.FirstOrDefault(s => s.Name == name) is { } elsewhere ? $"; '{name}' is {KindName(elsewhere.Kind)}" : Names(kind);
    }

    private string Names(StageKind kind)
    {
        var names = catalog.Stages.Where(s => s.Kind == kind).Select(s => $"'{s.Name}'").ToList();
        return names.Count == 0 ? "; none is loaded" : $"; there are {string.Join(", ", names)}";
    }

    private static string KindName(StageKind kind) => kind switch
    {
        StageKind.TeacherLoader => "a model loader",
        StageKind.Quantizer => "a quantizer",
        StageKind.Calibrator => "a calibrator",
        StageKind.DistillationLoss => "a loss",
        StageKind.DataSource => "a data source",
        StageKind.Packer => "a packer",
        StageKind.HardwareBackend => "a backend",
        StageKind.Evaluator => "an evaluator",
        _ => "a stage",
    };
}
