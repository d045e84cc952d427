namespace CompressionHost.Recipes;

/// <summary>Checks what one section of a recipe says about another: teachers, data sets, names of metrics.</summary>
internal sealed class ReferenceChecker(DiagnosticBag bag, Func<StageUse, bool>? lossNeedsTeacher)
{
    /// <summary>Names that an evaluator cannot have, because metrics of other origin start with them.</summary>
    private static readonly string[] Reserved = ["size", "latency", "ternaryShare", "zeros", "teacher", "student", "ptq", "train"];

    public void Check(BoundRecipe recipe)
    {
        CheckModels(recipe);
        CheckLosses(recipe);
        CheckData(recipe);
        CheckEvaluatorNames(recipe);
        CheckBenchmarks(recipe);
    }

    private void CheckModels(BoundRecipe recipe)
    {
        if (recipe.HasTeacher)
            return;
        if (!recipe.Has("student"))
            bag.Add(recipe.Root.Span, DiagnosticCodes.MissingKey, "the recipe needs a 'teacher', or a 'student' to train without one");
        else if (recipe.Root.Value("student") is MapNode student && student.Value("use") is ScalarNode { Text: BoundRecipe.FromTeacher } use)
            bag.Add(use.Span, DiagnosticCodes.TeacherRequired, "'from-teacher' copies the teacher, and the recipe has none");
    }

    private void CheckLosses(BoundRecipe recipe)
    {
        if (recipe.HasTeacher || lossNeedsTeacher is null || recipe.Distill is null)
            return;
        foreach (var loss in recipe.Distill.Losses)
        {
            if (Ask(loss.Loss, lossNeedsTeacher, bag, "whether it needs a teacher", out var needs) && needs)
                bag.Add(loss.Loss.Span, DiagnosticCodes.TeacherRequired, $"loss '{loss.Loss.Stage.Name}' compares with a teacher, and the recipe has none");
        }
    }

    private void CheckData(BoundRecipe recipe)
    {
        foreach (var reference in DataReferences(recipe.Root))
        {
            if (recipe.Root.Value("data") is MapNode data && data.Value(reference.Text) is { IsNull: false })
                continue;
            var names = (recipe.Root.Value("data") as MapNode)?.Entries.Where(e => !e.Value.IsNull).Select(e => e.Key).ToList() ?? [];
            var near = Suggestion.Clause(reference.Text, names);
            var known = names.Count == 0 ? "; 'data' names none" : $"; there are {string.Join(", ", names.Select(n => $"'{n}'"))}";
            bag.Add(reference.Span, DiagnosticCodes.UnknownData, $"no data set is named {reference.Describe()}{(near.Length > 0 ? near : known)}");
        }
    }

    /// <summary>Every place of a tree that names a data set.</summary>
    public static IEnumerable<ScalarNode> DataReferences(MapNode root)
    {
        IEnumerable<MapNode> Entries(string section) => root.Value(section) is ListNode list ? list.Items.OfType<MapNode>() : [];
        var all = Entries("evaluate").Concat(Entries("quantize").Select(r => r.Value("calibrate")).OfType<MapNode>())
            .Select(e => e.Value("data"))
            .Append((root.Value("distill") as MapNode)?.Value("data"));
        // What is no text is a wrong type, and reported as that.
        return all.OfType<ScalarNode>().Where(s => !s.IsFaulty && s.Text.Length > 0 && (!s.Plain || CoreSchema.IsText(s.Text)));
    }

    private void CheckEvaluatorNames(BoundRecipe recipe)
    {
        var seen = new Dictionary<string, SourceSpan>(StringComparer.Ordinal);
        foreach (var entry in recipe.Evaluate)
        {
            if (entry.Name is null)
                continue;
            if (Reserved.Contains(entry.Name))
                bag.Add(Place(entry), DiagnosticCodes.DuplicateName, $"'{entry.Name}' cannot name an evaluation: other metrics start with it; give it another name with 'as'");
            else if (!seen.TryAdd(entry.Name, Place(entry)))
                bag.Add(Place(entry), DiagnosticCodes.DuplicateName, $"two evaluations are named '{entry.Name}', the other at {seen[entry.Name]}; give one another name with 'as'");
        }
    }

    private void CheckBenchmarks(BoundRecipe recipe)
    {
        var seen = new Dictionary<string, SourceSpan>(StringComparer.Ordinal);
        foreach (var entry in recipe.Benchmark)
        {
            foreach (var metric in MetricNames.Latencies(entry))
            {
                if (seen.TryAdd(metric, entry.Backend.Span))
                    continue;
                bag.Add(entry.Backend.Span, DiagnosticCodes.DuplicateName, $"'{metric}' is timed twice, also at {seen[metric]}; give one another name with 'as'");
                break;
            }
        }
    }

    /// <summary>Asks a plugin something about a stage; a plugin that throws is reported by name.</summary>
    public static bool Ask<T>(StageUse stage, Func<StageUse, T> question, DiagnosticBag bag, string what, out T answer)
    {
        try
        {
            answer = question(stage);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            bag.Add(stage.Span, DiagnosticCodes.StageFailed, $"stage '{stage.Stage.Name}' of plugin '{stage.Stage.Plugin}' failed when asked {what}: {e.Message}");
            answer = default!;
            return false;
        }
    }

    private static SourceSpan Place(BoundEvaluator entry) => (entry.Map.Value("as") is { IsNull: false } name ? name : entry.Map.Value("use") ?? entry.Map).Span;
}
