using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>The laws of <see cref="IDistillationLoss"/>, over seeded batches of equal and of different widths.</summary>
/// <example><code>Assert.Empty(LossConformance.Check(() => new MyLoss(new MyOptions())));</code></example>
public static class LossConformance
{
    private const int StudentWidth = 8;

    private static readonly (string Name, int TeacherWidth, int Count)[] Batches =
        [("6 pairs of equal width", StudentWidth, 6), ("6 pairs of a wider teacher", 12, 6), ("6 pairs of a narrower teacher", 4, 6), ("one pair", StudentWidth, 1)];

    /// <summary>What the loss breaks; empty where it conforms.</summary>
    /// <param name="create">Makes a new, uninitialized loss.</param>
    /// <param name="seed">Seed of the batches.</param>
    public static IReadOnlyList<ConformanceFailure> Check(Func<IDistillationLoss> create, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(create);
        var run = new ConformanceRun();
        foreach (var (name, teacherWidth, count) in Batches)
        {
            Law("The loss is one finite float32 value.", Scalar);
            Law("The loss of the same batch is the same.", Repeatable);
            Law("The order of the pairs does not matter.", OrderFree);
            Law("Inputs are not changed.", InputsUntouched);
            Law("Finite gradients reach the student, and none the teacher.", Gradients);
            Law("Parameters have different names, depend on the seed alone and are trained.", Parameters);
            Law("A loss that needs no teacher works without one.", Alone);

            void Law(string law, Func<Func<IDistillationLoss>, LossInputs, int, string?> check) =>
                run.Check(law, $"{name}, seed {seed}", () => check(create, Batch(seed, count, teacherWidth), teacherWidth));
        }
        return run.Failures;
    }

    private static string? Scalar(Func<IDistillationLoss> create, LossInputs batch, int teacherWidth)
    {
        var value = Initialized(create, teacherWidth).Compute(batch);
        if (value.dim() != 0 || value.dtype != torch.ScalarType.Float32)
            return $"{value.dtype} of shape [{string.Join(", ", value.shape)}]";
        return float.IsFinite(value.item<float>()) ? null : $"{value.item<float>()}";
    }

    private static string? Repeatable(Func<IDistillationLoss> create, LossInputs batch, int teacherWidth)
    {
        var loss = Initialized(create, teacherWidth);
        var (first, second) = (loss.Compute(batch).item<float>(), loss.Compute(batch).item<float>());
        return first == second ? null : $"{first:R}, then {second:R}";
    }

    private static string? OrderFree(Func<IDistillationLoss> create, LossInputs batch, int teacherWidth)
    {
        var loss = Initialized(create, teacherWidth);
        var order = torch.tensor([.. Enumerable.Range(0, (int)batch.TextIds.shape[0]).Reverse().Select(i => (long)i)]);
        var reversed = batch with
        {
            StudentImages = batch.StudentImages[order],
            StudentTexts = batch.StudentTexts[order],
            TeacherImages = batch.TeacherImages![order],
            TeacherTexts = batch.TeacherTexts![order],
            TextIds = batch.TextIds[order],
        };
        var (first, second) = (loss.Compute(batch).item<float>(), loss.Compute(reversed).item<float>());
        return Math.Abs(first - second) <= 1e-4 * (1 + Math.Abs(first)) ? null : $"{first:R}, reversed {second:R}";
    }

    private static string? InputsUntouched(Func<IDistillationLoss> create, LossInputs batch, int teacherWidth)
    {
        var before = Tensors(batch).Select(t => t.Value.clone()).ToArray();
        Initialized(create, teacherWidth).Compute(batch);
        return Tensors(batch).Zip(before).Where(p => !Same(p.First.Value, p.Second)).Select(p => $"{p.First.Name} was changed").FirstOrDefault();
    }

    private static string? Gradients(Func<IDistillationLoss> create, LossInputs batch, int teacherWidth)
    {
        foreach (var (_, tensor) in Tensors(batch))
            tensor.requires_grad_();
        Initialized(create, teacherWidth).Compute(batch).backward();
        var reached = false;
        foreach (var (name, tensor) in Tensors(batch))
        {
            if (tensor.grad is not { } gradient)
                continue;
            if (name.StartsWith("Teacher", StringComparison.Ordinal))
                return $"{name} has a gradient; detach the teacher's tensors";
            if (!gradient.isfinite().all().item<bool>())
                return $"{name}'s gradient is not finite";
            reached |= name is nameof(LossInputs.StudentImages) or nameof(LossInputs.StudentTexts);
        }
        return reached ? null : "no gradient reaches the student's embeddings";
    }

    private static string? Parameters(Func<IDistillationLoss> create, LossInputs batch, int teacherWidth)
    {
        var loss = create();
        var parameters = loss.Initialize(StudentWidth, teacherWidth, 7);
        if (parameters.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count() != parameters.Count)
            return "two parameters have one name";
        var again = create().Initialize(StudentWidth, teacherWidth, 7);
        if (!parameters.Select(p => p.Name).SequenceEqual(again.Select(p => p.Name)))
            return "the names differ from one instance to the next";
        if (parameters.Zip(again).Any(p => !Same(p.First.Value, p.Second.Value)))
            return "the same seed gives other initial values";
        if (parameters.Count == 0)
            return null;
        loss.Compute(batch).backward();
        return parameters.Where(p => p.Value.grad is null).Select(p => $"no gradient reaches {p.Name}").FirstOrDefault();
    }

    private static string? Alone(Func<IDistillationLoss> create, LossInputs batch, int teacherWidth)
    {
        if (create().NeedsTeacher)
            return null;
        var loss = Initialized(create, StudentWidth);
        var alone = loss.Compute(batch with { TeacherImages = null, TeacherTexts = null, TeacherLogitScale = null }).item<float>();
        return float.IsFinite(alone) ? null : $"{alone}";
    }

    private static IDistillationLoss Initialized(Func<IDistillationLoss> create, int teacherWidth)
    {
        var loss = create();
        loss.Initialize(StudentWidth, teacherWidth, 7);
        return loss;
    }

    private static bool Same(torch.Tensor a, torch.Tensor b) => a.shape.SequenceEqual(b.shape) && a.eq(b).all().item<bool>();

    private static LossInputs Batch(int seed, int count, int teacherWidth)
    {
        using var generator = new torch.Generator((ulong)(uint)seed);
        return new LossInputs(
            Rows(StudentWidth), Rows(StudentWidth), torch.tensor(12f), Rows(teacherWidth), Rows(teacherWidth), torch.tensor(20f),
            torch.tensor([.. Enumerable.Range(0, count).Select(i => i % 4L)]));

        torch.Tensor Rows(int width) => torch.nn.functional.normalize(torch.randn([count, width], generator: generator), dim: 1);
    }

    private static IEnumerable<(string Name, torch.Tensor Value)> Tensors(LossInputs batch) =>
    [
        (nameof(LossInputs.StudentImages), batch.StudentImages), (nameof(LossInputs.StudentTexts), batch.StudentTexts),
        (nameof(LossInputs.StudentLogitScale), batch.StudentLogitScale), (nameof(LossInputs.TeacherImages), batch.TeacherImages!),
        (nameof(LossInputs.TeacherTexts), batch.TeacherTexts!), (nameof(LossInputs.TeacherLogitScale), batch.TeacherLogitScale!),
    ];
}
