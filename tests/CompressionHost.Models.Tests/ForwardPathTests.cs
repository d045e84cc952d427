using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>The steps that calibration takes through models of named tensors.</summary>
public sealed class ForwardPathTests
{
    private static readonly string[] Texts = ["a cat sat.", "dogs", "a dog sat.", "cats"];

    [Theory]
    [InlineData(VitHead.Class)]
    [InlineData(VitHead.ClassBesideDistillation)]
    [InlineData(VitHead.ClassAndDistillation)]
    public void The_steps_of_a_vision_transformer_are_its_forward_pass(VitHead head)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyVit.Create(TinyVit.Config(head));
        var batch = Batch(3);
        var path = Assert.Single(model.ForwardPaths);
        var pixels = Assert.Single(path.Inputs(batch));
        Assert.InRange(Fixture.Distance(Walk(path, pixels), model.Classify(model.Encode(batch.Samples)["pixel_values"])), 0, 1e-6);
        CheckSites(model, path, pixels);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_steps_of_a_text_encoder_are_its_forward_pass_on_texts_without_padding(bool pooler)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyBert.Create(TinyBert.Config(pooler));
        var path = Assert.Single(model.ForwardPaths);
        var inputs = path.Inputs(Batch(Texts.Length)).ToList();
        // Six and four tokens, class and separator included.
        Assert.Equal([[2L, 4], [2L, 6]], inputs.Select(i => i.shape).OrderBy(s => s[1]));
        foreach (var ids in inputs)
        {
            var states = model.EncodeTokens(ids);
            Assert.InRange(Fixture.Distance(Walk(path, ids), pooler ? model.Pool(states) : states), 0, 1e-6);
        }
        CheckSites(model, path, inputs[0]);
    }

    [Fact]
    public void A_text_encoder_names_the_sample_that_has_no_text()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyBert.Create(TinyBert.Config());
        var batch = new CalibrationBatch([new Sample(Image(0), [], 1, "shard.tar: 7")], ["a photo of a cat."]);
        var error = Assert.Throws<InvalidInputException>(() => model.ForwardPaths[0].Inputs(batch).ToList());
        Assert.Contains("shard.tar: 7", error.Message, StringComparison.Ordinal);
    }

    private static torch.Tensor Walk(ForwardPath path, torch.Tensor input) => path.Steps.Aggregate(input, (x, step) => step.Forward(x));

    /// <summary>Every site is in one group, and a step shows each of its sites what that multiplies, those of a group the same.</summary>
    private static void CheckSites(ICompressibleModel model, ForwardPath path, torch.Tensor input)
    {
        var grouped = path.Steps.SelectMany(s => s.Groups).SelectMany(g => g.Sites).ToList();
        Assert.Equal(model.Sites.Select(s => s.Name).Order(StringComparer.Ordinal), grouped.Select(s => s.Name).Order(StringComparer.Ordinal));
        var seen = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        foreach (var site in grouped)
            site.Observer = inputs => seen.Add(site.Name, inputs.clone().DetachFromDisposeScope());
        foreach (var step in path.Steps)
        {
            var before = seen.Keys.ToHashSet(StringComparer.Ordinal);
            input = step.Forward(input);
            var shown = step.Groups.SelectMany(g => g.Sites).Where(s => s.Kind != WeightKind.Embedding).Select(s => s.Name);
            Assert.Equal(shown.Order(StringComparer.Ordinal), seen.Keys.Except(before).Order(StringComparer.Ordinal));
        }
        foreach (var group in path.Steps.SelectMany(s => s.Groups).Where(g => g.Sites.All(s => s.Kind == WeightKind.Linear)))
        {
            Assert.All(group.Sites, s => Assert.Equal(s.Weight.shape[1], seen[s.Name].shape[^1]));
            // The last block of a classifier has queries of one token, and keys and values of all.
            var longest = group.Sites.Select(s => seen[s.Name]).MaxBy(i => i.shape[0])!;
            Assert.All(group.Sites.Where(s => seen[s.Name].shape[0] == longest.shape[0]), s => Assert.Equal(0, Fixture.Distance(longest, seen[s.Name])));
        }
        grouped.ForEach(s => s.Observer = null);
        foreach (var inputs in seen.Values)
            inputs.Dispose();
    }

    private static CalibrationBatch Batch(int count) => new([.. Enumerable.Range(0, count).Select(i => new Sample(Image(i), [Texts[i]], i, $"{i}"))], Texts[..count]);

    private static RgbImage Image(int seed) => new(12, 12, [.. Enumerable.Range(0, 432).Select(i => (byte)(i * (7 + seed)))]);
}
