using CompressionHost.Inference;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using TorchSharp;

namespace CompressionHost.Models.Tests;

public sealed class ClipModelTests
{
    [Property(MaxTest = 12)]
    public Property Forward_is_the_definition_at_any_size() => Prop.ForAll(Sizes().ToArbitrary(), config =>
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyClip.Create(config);
        var oracle = new ScalarClip(model);
        var (pixels, tokens) = (TinyClip.Pixels(config, 2), TinyClip.Tokens(config, 3, end: Math.Max(config.Text.EndToken, 3)));
        var (images, texts) = (model.EncodeImages(pixels), model.EncodeTexts(tokens));
        for (var i = 0; i < 2; i++)
            Close(oracle.EncodeImage(pixels[i].contiguous().data<float>().ToArray()), images[i]);
        for (var i = 0; i < 3; i++)
            Close(oracle.EncodeText(tokens[i].contiguous().data<long>().ToArray()), texts[i]);
    });

    [Fact]
    public void A_text_without_end_token_is_read_at_its_start()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyClip.Create(TinyClip.Config());
        var tokens = torch.tensor(new long[] { 5, 6, 7, 8 }, [1, 4]);
        Close(new ScalarClip(model).EncodeText([5, 6, 7, 8]), model.EncodeTexts(tokens)[0]);
    }

    [Fact]
    public void Padding_changes_nothing()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyClip.Create(TinyClip.Config());
        var tokens = torch.tensor(new long[] { 4, 9, 49, 49, 49, 49, 49, 49, 49, 4, 8, 7, 49, 3, 3, 3, 3, 3 }, [2, 9]);
        Assert.InRange(Fixture.Distance(model.EncodeTexts(tokens), model.EncodeTexts(tokens.narrow(1, 0, 4))), 0, 1e-6);
        Assert.InRange(Fixture.Distance(model.EncodeTexts(tokens.narrow(0, 0, 1)), model.EncodeTexts(tokens)[..1]), 0, 1e-6);
    }

    [Theory]
    [InlineData(ClipActivation.Gelu)]
    [InlineData(ClipActivation.QuickGelu)]
    public void Bfloat16_is_close_to_float32_and_not_equal(ClipActivation activation)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var config = TinyClip.Config(activation);
        using var model = TinyClip.Create(config);
        var (pixels, tokens) = (TinyClip.Pixels(config, 4), TinyClip.Tokens(config, 6));
        var exact = torch.cat([model.EncodeImages(pixels), model.EncodeTexts(tokens)]);
        model.ComputeType = torch.ScalarType.BFloat16;
        var rounded = torch.cat([model.EncodeImages(pixels), model.EncodeTexts(tokens)]);
        Assert.Equal(torch.ScalarType.Float32, rounded.dtype);
        // bfloat16 keeps 8 bits; errors of a few roundings add up over the blocks.
        Assert.InRange(Fixture.Distance(exact, rounded), 1e-6, 0.06 * exact.abs().max().item<float>());
        var (vision, text) = (new List<torch.Tensor>(), new List<torch.Tensor>());
        Assert.InRange(Fixture.Distance(model.EncodeImages(pixels, vision), rounded[..4]), 0, 0.02);
        Assert.InRange(Fixture.Distance(model.EncodeTexts(tokens, text), rounded[4..]), 0, 0.02);
        Assert.All(vision.Concat(text), state => Assert.Equal(torch.ScalarType.Float32, state.dtype));
    }

    [Fact]
    public void Other_compute_types_are_refused()
    {
        using var model = TinyClip.Create(TinyClip.Config());
        Assert.Throws<ArgumentException>(() => model.ComputeType = torch.ScalarType.Float16);
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.BFloat16)]
    public void Every_site_computes_with_its_override_and_gives_it_gradients(torch.ScalarType type)
    {
        var config = TinyClip.Config();
        using var model = TinyClip.Create(config);
        model.ComputeType = type;
        foreach (var site in model.Sites)
        {
            using var scope = torch.NewDisposeScope();
            var (images, texts) = Encode(model, config);
            var replacement = site.Weight.detach().mul(1.5).requires_grad_();
            site.Override = replacement;
            var (changedImages, changedTexts) = Encode(model, config);
            var isText = site.Name.StartsWith("text", StringComparison.Ordinal);
            Assert.True(Fixture.Distance(isText ? texts : images, isText ? changedTexts : changedImages) > 1e-4, site.Name);
            Assert.Equal(0, Fixture.Distance(isText ? images : texts, isText ? changedImages : changedTexts));
            changedImages.square().sum().add(changedTexts.square().sum()).backward();
            Assert.True(replacement.grad is { } gradient && gradient.abs().max().item<float>() > 0, site.Name);
            Assert.True(site.Weight.grad is null, site.Name);
            model.zero_grad(set_to_none: true);
            site.Override = null;
            Assert.Equal(0, Fixture.Distance(isText ? texts : images, isText ? Encode(model, config).Texts : Encode(model, config).Images));
        }
    }

    [Fact]
    public void Every_parameter_but_the_logit_scale_gets_gradients()
    {
        using var scope = torch.NewDisposeScope();
        var config = TinyClip.Config();
        using var model = TinyClip.Create(config);
        var (images, texts) = Encode(model, config);
        images.square().sum().add(texts.square().sum()).backward();
        Assert.Equal(["logit_scale"], model.Parameters.Where(p => p.Value.grad is null).Select(p => p.Name));
    }

    [Fact]
    public void A_clone_computes_the_same_and_has_its_own_weights()
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var config = TinyClip.Config();
        using var model = TinyClip.Create(config);
        var (images, texts) = Encode(model, config);
        using var clone = model.Clone();
        Assert.Equal(0, Fixture.Distance(images, Encode(clone, config).Images));
        Assert.Equal(0, Fixture.Distance(texts, Encode(clone, config).Texts));
        foreach (var (_, value) in clone.Parameters)
            value.add_(1);
        Assert.Equal(0, Fixture.Distance(images, Encode(model, config).Images));
        Assert.True(Fixture.Distance(images, Encode(clone, config).Images) > 0.1);
    }

    [Fact]
    public void A_seed_gives_one_model_and_another_seed_another()
    {
        using var a = TinyClip.Create(TinyClip.Config(), 3);
        using var b = TinyClip.Create(TinyClip.Config(), 3);
        using var c = TinyClip.Create(TinyClip.Config(), 4);
        var site = a.Sites.Count - 1;
        Assert.All(a.Parameters.Zip(b.Parameters), pair => Assert.Equal(0, Fixture.Distance(pair.First.Value, pair.Second.Value)));
        Assert.True(Fixture.Distance(a.Sites[site].Weight, c.Sites[site].Weight) > 0.01);
    }

    [Fact]
    public void Weights_outlive_the_scope_they_were_made_in()
    {
        ClipModel model;
        using (torch.NewDisposeScope())
            model = TinyClip.Create(TinyClip.Config());
        using (model)
            Assert.All(model.Parameters, p => Assert.False(p.Value.IsInvalid));
    }

    [Fact]
    public void Header_parameters_and_state_agree()
    {
        using var model = TinyClip.Create(TinyClip.Config());
        var header = ClipModel.Header(model.Config);
        Assert.Equal(header.Tensors.Select(t => t.Name), model.Parameters.Select(p => p.Name));
        Assert.All(header.Tensors.Zip(model.Parameters), pair => Assert.Equal(pair.First.Shape, pair.Second.Value.shape));
        Assert.Equal(header.Tensors.Where(t => t.Site is not null).Select(t => (t.Name, t.Site!.Value)), model.Sites.Select(s => (s.Name, s.Kind)));
        Assert.Equal(header.Parameters, model.Config.Parameters);
        Assert.Equal(model.Parameters.Select(p => p.Name).Order(), model.state_dict().Keys.Order());
    }

    [Fact]
    public void Wrong_inputs_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyClip.Create(TinyClip.Config());
        Assert.Throws<ArgumentException>(() => model.EncodeImages(torch.zeros(1, 3, 16, 16)));
        Assert.Throws<ArgumentException>(() => model.EncodeImages(torch.zeros([1, 3, 12, 12], dtype: torch.ScalarType.Float64)));
        Assert.Throws<ArgumentException>(() => model.EncodeTexts(torch.zeros([1, 10], dtype: torch.ScalarType.Int64)));
        Assert.Throws<ArgumentException>(() => model.EncodeTexts(torch.zeros([1, 4], dtype: torch.ScalarType.Int32)));
    }

    private static (torch.Tensor Images, torch.Tensor Texts) Encode(ClipModel model, ClipConfig config) =>
        (model.EncodeImages(TinyClip.Pixels(config, 3)), model.EncodeTexts(TinyClip.Tokens(config, 8)));

    private static void Close(double[] expected, torch.Tensor actual)
    {
        var values = actual.contiguous().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.InRange(values[i], expected[i] - 2e-5, expected[i] + 2e-5);
    }

    private static Gen<ClipConfig> Sizes() =>
        from grid in Gen.Choose(1, 3)
        from patch in Gen.Choose(1, 5)
        from visionHeads in Gen.Choose(1, 3)
        from visionHead in Gen.Choose(4, 9)
        from textHeads in Gen.Choose(1, 3)
        from textHead in Gen.Choose(4, 9)
        from depth in Gen.Choose(1, 3)
        from context in Gen.Choose(2, 8)
        from mlp in Gen.Choose(1, 30)
        from embedding in Gen.Choose(1, 12)
        from legacy in Gen.Elements(true, false)
        from activation in Gen.Elements(ClipActivation.Gelu, ClipActivation.QuickGelu)
        select new ClipConfig
        {
            EmbeddingSize = embedding,
            Activation = activation,
            Vision = new() { ImageSize = grid * patch, PatchSize = patch, Width = visionHeads * visionHead, Depth = depth, Heads = visionHeads, MlpWidth = mlp },
            Text = new() { VocabularySize = 40, ContextLength = context, Width = textHeads * textHead, Depth = 4 - depth, Heads = textHeads, MlpWidth = mlp + 1, EndToken = legacy ? 2 : 39 },
        };
}
