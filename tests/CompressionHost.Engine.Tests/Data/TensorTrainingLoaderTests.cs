using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Recipes;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

public sealed class TensorTrainingLoaderTests
{
    private static readonly VitConfig Config = new() { ImageSize = 4, PatchSize = 2, Width = 8, Depth = 1, Heads = 1, MlpWidth = 8, Labels = ["cat", "dog"] };

    [Fact]
    public void Batches_depend_on_their_step_alone_whatever_the_workers()
    {
        var augment = new AugmentOptions { Flip = new Percentage(0.5), CropArea = new Percentage(0.4) };
        var all = Batches(new FakeDataSet(10, labelled: true), augment, 0, 7, workers: 1);
        Assert.Equal(all[3..], Batches(new FakeDataSet(10, labelled: true), augment, 3, 4, workers: 3));
        Assert.Equal(7, all.Distinct().Count());
    }

    [Fact]
    public void Without_augmentation_the_pixels_are_those_of_evaluation_and_labels_belong_to_them()
    {
        using var model = Model();
        using var data = new FakeDataSet(6, labelled: true);
        var plain = Enumerable.Range(0, 6).ToDictionary(i => Key(model.Encode([data.Read(i)])["pixel_values"]), i => (long)(i % 2));
        using var batch = new TensorTrainingLoader(data, model, null, 1)
            .Shuffled(6, 1, new AugmentOptions(), cancellationToken: TestContext.Current.CancellationToken).First();
        Assert.Equal(plain.Values.Order(), batch.Labels!.data<long>().ToArray().Order());
        for (var i = 0; i < 6; i++)
        {
            using var row = batch.Inputs["pixel_values"].narrow(0, i, 1).contiguous();
            Assert.Equal(plain[Key(row)], batch.Labels[i].item<long>());
        }
        Assert.Same(batch.Inputs, batch.TeacherInputs);
    }

    [Fact]
    public void A_teacher_that_reads_other_images_gets_its_own_inputs()
    {
        using var student = Model();
        var larger = Config with { ImageSize = 8 };
        using var teacher = new VitModel(larger, VitAssets.Create(larger, new ClipImageProcessor(8, [0, 0, 0], [1, 1, 1])), 1);
        using var data = new FakeDataSet(6, labelled: true);
        using var batch = new TensorTrainingLoader(data, student, teacher, 1)
            .Shuffled(2, 1, new AugmentOptions(), cancellationToken: TestContext.Current.CancellationToken).First();
        Assert.Equal([2, 3, 4, 4], batch.Inputs["pixel_values"].shape);
        Assert.Equal([2, 3, 8, 8], batch.TeacherInputs["pixel_values"].shape);
    }

    [Fact]
    public void A_broken_sample_is_replaced_and_samples_without_labels_have_none()
    {
        using var model = Model();
        using var data = new FakeDataSet(300, false, 4);
        var loader = new TensorTrainingLoader(data, model, null, 1);
        using var batch = loader.Shuffled(300, 1, new AugmentOptions(), cancellationToken: TestContext.Current.CancellationToken).First();
        Assert.Null(batch.Labels);
        Assert.Equal(300, batch.Inputs["pixel_values"].shape[0]);
        Assert.Equal(1, loader.Broken.Count);
    }

    private static List<string> Batches(FakeDataSet data, AugmentOptions augment, long start, int count, int workers)
    {
        using var model = Model();
        return [.. new TensorTrainingLoader(data, model, null, workers)
            .Shuffled(4, 9, augment, start, TestContext.Current.CancellationToken).Take(count)
            .Select(b => Key(b.Inputs["pixel_values"]) + string.Join(' ', b.Labels!.data<long>().ToArray()))];
    }

    private static string Key(torch.Tensor tensor) => string.Join(' ', tensor.data<float>().ToArray());

    private static VitModel Model() => new(Config, VitAssets.Create(Config, new ClipImageProcessor(4, [0, 0, 0], [1, 1, 1])), 1);
}
