using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

public sealed class VitModelTests
{
    [Theory]
    [InlineData(VitHead.Class, true)]
    [InlineData(VitHead.Class, false)]
    [InlineData(VitHead.ClassBesideDistillation, true)]
    [InlineData(VitHead.ClassAndDistillation, true)]
    public void Forward_is_the_definition(VitHead head, bool qkvBias)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyVit.Create(TinyVit.Config(head, qkvBias));
        var oracle = new ScalarVit(model);
        var pixels = Perturbation.Noise(7, 3, 3, 12, 12);
        var hidden = new List<torch.Tensor>();
        var (logits, withStates) = (model.Classify(pixels), model.Classify(pixels, hidden));
        for (var i = 0; i < 3; i++)
        {
            var expected = oracle.Classify(pixels[i].contiguous().data<float>().ToArray());
            Assert.Equal(5, expected.Length);
            Assert.InRange(Fixture.Distance(torch.tensor(expected), logits[i]), 0, 1e-5);
        }
        Assert.InRange(Fixture.Distance(logits, withStates), 0, 1e-5);
        Assert.All(hidden, h => Assert.Equal([3, model.Config.Tokens, 24], h.shape));
        Assert.Equal(3, hidden.Count);
    }

    [Fact]
    public void Named_tensors_are_the_same_forward_and_refuse_what_is_not_the_models()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyVit.Create(TinyVit.Config());
        var pixels = Perturbation.Noise(7, 2, 3, 12, 12);
        var outputs = model.Forward(new Dictionary<string, torch.Tensor> { ["pixel_values"] = pixels });
        Assert.Equal(["logits"], outputs.Keys);
        Assert.Equal(0, Fixture.Distance(outputs["logits"], model.Classify(pixels)));
        Assert.Equal([("pixel_values", "-1x3x12x12")], model.Inputs.Select(p => (p.Name, string.Join('x', p.Shape))));
        Assert.Throws<InvalidInputException>(() => model.Forward(new Dictionary<string, torch.Tensor> { ["pixels"] = pixels }));
        Assert.Throws<InvalidInputException>(() => model.Forward(new Dictionary<string, torch.Tensor> { ["pixel_values"] = pixels.narrow(2, 0, 8) }));
    }

    [Fact]
    public void Images_become_the_pixels_of_the_processor()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyVit.Create(TinyVit.Config());
        var image = new RgbImage(12, 12, [.. Enumerable.Range(0, 432).Select(i => (byte)(i * 7))]);
        var expected = new float[432];
        model.ImageProcessor.Process(image, expected);
        var inputs = model.Encode([new Sample(image, [], 0, "a"), new Sample(image, [], 1, "b")]);
        Assert.Equal([.. expected, .. expected], inputs["pixel_values"].data<float>().ToArray());
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.BFloat16)]
    public void Every_site_computes_with_its_override_and_gives_it_gradients(torch.ScalarType type)
    {
        using var model = TinyVit.Create(TinyVit.Config(VitHead.ClassAndDistillation));
        model.ComputeType = type;
        var pixels = Perturbation.Noise(7, 2, 3, 12, 12);
        using var before = model.Classify(pixels).detach();
        foreach (var site in model.Sites)
        {
            using var scope = torch.NewDisposeScope();
            var other = site.Weight.detach().add(TorchScalars.Of(0.5)).mul(TorchScalars.Of(-1)).requires_grad_(true);
            site.Override = other;
            var logits = model.Classify(pixels);
            Assert.NotEqual(0, Fixture.Distance(before, logits));
            logits.square().sum().backward();
            Assert.True(other.grad!.abs().sum().item<float>() > 0, site.Name);
            site.Override = null;
        }
    }

    [Fact]
    public void Bfloat16_is_close_to_float32_and_not_equal()
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyVit.Create(TinyVit.Config(), deviation: 0.05);
        var pixels = Perturbation.Noise(7, 4, 3, 12, 12);
        var exact = model.Classify(pixels);
        model.ComputeType = torch.ScalarType.BFloat16;
        var rounded = model.Classify(pixels);
        Assert.Equal(torch.ScalarType.Float32, rounded.dtype);
        Assert.InRange(Fixture.Distance(exact, rounded), 1e-6, 0.1 * exact.abs().max().item<float>());
    }

    [Fact]
    public void A_clone_has_weights_of_its_own_and_a_seed_means_one_model()
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyVit.Create(TinyVit.Config());
        using var again = TinyVit.Create(TinyVit.Config());
        using var clone = model.Clone();
        var pixels = Perturbation.Noise(7, 2, 3, 12, 12);
        Assert.Equal(0, Fixture.Distance(model.Classify(pixels), again.Classify(pixels)));
        Assert.Equal(0, Fixture.Distance(model.Classify(pixels), clone.Classify(pixels)));
        model.Parameters[0].Value.add_(TorchScalars.One);
        Assert.NotEqual(0, Fixture.Distance(model.Classify(pixels), clone.Classify(pixels)));
    }
}
