using System.Text;
using System.Text.Json.Nodes;
using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

public sealed class ClipImageProcessorTests
{
    private const string PublishedConfig = """
        {"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "feature_extractor_type": "CLIPFeatureExtractor",
         "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "size": 224}
        """;

    [Theory]
    [InlineData(96, 96, 32, CropRounding.HuggingFace)]
    [InlineData(101, 64, 32, CropRounding.HuggingFace)]
    [InlineData(101, 64, 32, CropRounding.OpenClip)]
    [InlineData(10, 333, 48, CropRounding.OpenClip)]
    [InlineData(900, 110, 48, CropRounding.HuggingFace)]
    [InlineData(33, 32, 32, CropRounding.HuggingFace)]
    public void The_square_is_the_middle_of_the_resized_image(int width, int height, int size, CropRounding rounding)
    {
        var image = RandomImage.Noise(width, height);
        var shortest = Math.Min(width, height);
        int newWidth = (int)((double)size * width / shortest), newHeight = (int)((double)size * height / shortest);
        int Margin(int length) => rounding == CropRounding.HuggingFace ? (length - size) / 2 : (int)Math.Round((length - size) / 2.0, MidpointRounding.ToEven);
        var whole = PillowResize.Bicubic(image, newWidth, newHeight);
        var expected = new byte[3 * size * size];
        for (var i = 0; i < expected.Length; i++)
        {
            int channel = i / (size * size), y = i / size % size, x = i % size;
            expected[i] = whole.Pixels[((((y + Margin(newHeight)) * newWidth) + x + Margin(newWidth)) * 3) + channel];
        }
        Assert.Equal(expected, Processor(size, rounding).ResizeAndCrop(image));
    }

    [Fact]
    public void The_references_differ_where_the_margin_is_odd_and_its_half_rounds_up()
    {
        // 35 wide: the margin of 3 begins at 1 for transformers and at round(1.5) = 2 for open_clip.
        var image = RandomImage.Noise(35, 32);
        var hugging = Processor(32, CropRounding.HuggingFace).ResizeAndCrop(image);
        var open = Processor(32, CropRounding.OpenClip).ResizeAndCrop(image);
        Assert.Equal(image.Pixels[3], hugging[0]);
        Assert.Equal(image.Pixels[6], open[0]);
    }

    [Fact]
    public void An_image_of_the_size_is_only_normalized()
    {
        var image = RandomImage.Noise(32, 32);
        var processor = Processor(32, CropRounding.HuggingFace);
        var planes = processor.ResizeAndCrop(image);
        for (var i = 0; i < planes.Length; i++)
            Assert.Equal(image.Pixels[(i % 1024 * 3) + (i / 1024)], planes[i]);
        float[] processed = new float[planes.Length], normalized = new float[planes.Length];
        processor.Process(image, processed);
        processor.Normalize(planes, normalized);
        Assert.Equal(normalized, processed);
    }

    [Fact]
    public void Spans_of_another_length_are_refused()
    {
        var processor = Processor(32, CropRounding.HuggingFace);
        Assert.Throws<ArgumentException>(() => processor.Process(RandomImage.Noise(32, 32), new float[3 * 32 * 31]));
        Assert.Throws<ArgumentException>(() => processor.Normalize(new byte[1], new float[3 * 32 * 32]));
    }

    [Fact]
    public void The_published_configuration_is_read()
    {
        var processor = Read("preprocessor_config.json", PublishedConfig);
        Assert.Equal((224, CropRounding.HuggingFace), (processor.Size, processor.Rounding));
        Assert.Equal(ClipImageProcessor.OpenAIMean, processor.Mean);
        Assert.Equal(ClipImageProcessor.OpenAIStd, processor.Std);
    }

    [Theory]
    [InlineData("""{"size": {"shortest_edge": 64}, "crop_size": {"height": 48, "width": 48}}""", 48, 64, false)]
    [InlineData("""{"size": {"height": 48, "width": 48}, "crop_size": 48}""", 48, 48, true)]
    [InlineData("""{"size": {"height": 48, "width": 48}, "do_center_crop": false}""", 48, 48, true)]
    [InlineData("""{"size": null}""", 224, 224, false)]
    public void Sizes_are_read_in_every_form(string json, int size, int resizeTo, bool squash)
    {
        var processor = Read("preprocessor_config.json", json);
        Assert.Equal((size, resizeTo, squash), (processor.Size, processor.ResizeTo, processor.Squash));
    }

    [Fact]
    public void Squashing_ignores_the_shape()
    {
        var image = RandomImage.Noise(70, 20);
        var planes = Read("preprocessor_config.json", """{"size": {"height": 32, "width": 32}, "crop_size": 32}""").ResizeAndCrop(image);
        var whole = PillowResize.Bicubic(image, 32, 32);
        Assert.Equal(Enumerable.Range(0, planes.Length).Select(i => whole.Pixels[(i % 1024 * 3) + (i / 1024)]), planes);
    }

    [Theory]
    [InlineData("size", "0", "crop_size")]
    [InlineData("size", "-5", "crop_size")]
    [InlineData("size", "5000", "5000")]
    [InlineData("size", "\"big\"", "size")]
    [InlineData("size", "{\"longest_edge\": 224}", "size")]
    [InlineData("size", "{\"height\": 224, \"width\": 200}", "squares")]
    [InlineData("crop_size", "448", "crop_size")]
    [InlineData("resample", "1", "bicubic")]
    [InlineData("do_resize", "false", "do_resize")]
    [InlineData("do_rescale", "false", "do_rescale")]
    [InlineData("do_center_crop", "false", "do_center_crop")]
    [InlineData("do_normalize", "1", "do_normalize")]
    [InlineData("rescale_factor", "1", "rescale_factor")]
    [InlineData("image_mean", "[0.5, 0.5]", "image_mean")]
    [InlineData("image_std", "[0.5, 0.5, 0]", "image_std")]
    [InlineData("image_std", "0.5", "image_std")]
    [InlineData("crop_rounding", "\"up\"", "crop_rounding")]
    public void What_is_not_supported_is_refused_by_its_key(string key, string value, string message)
    {
        var config = JsonNode.Parse(PublishedConfig)!.AsObject();
        config[key] = JsonNode.Parse(value);
        if (key == "size" && value is "0" or "-5" or "5000")
            config["crop_size"] = JsonNode.Parse(value);
        var error = Assert.Throws<InvalidInputException>(() => Read("preprocessor_config.json", config.ToJsonString()));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("preprocessor_config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public void What_is_not_json_is_refused(string json) => Assert.Throws<InvalidInputException>(() => Read("preprocessor_config.json", json));

    [Fact]
    public void Pixels_that_are_not_normalized_stay_in_0_to_1()
    {
        var processor = Read("preprocessor_config.json", """{"do_normalize": false, "size": 8, "crop_size": 8}""");
        var pixels = new float[3 * 64];
        processor.Process(RandomImage.Noise(8, 8), pixels);
        Assert.All(pixels, value => Assert.InRange(value, 0, 1));
    }

    [Fact]
    public void Without_a_preprocessor_the_model_s_image_size_is_used()
    {
        var processor = Read("config.json", """{"vision_config": {"image_size": 96}}""");
        Assert.Equal((96, CropRounding.HuggingFace), (processor.Size, processor.Rounding));
        Assert.Equal(ClipImageProcessor.OpenAIMean, processor.Mean);
        Assert.Throws<InvalidInputException>(() => Read("config.json", "{}"));
        Assert.Throws<InvalidInputException>(() => Read("vocab.json", "{}"));
    }

    [Fact]
    public void Open_clip_s_configuration_is_read_with_its_rounding()
    {
        var processor = Read("open_clip_config.json", """
            {"model_cfg": {"vision_cfg": {"image_size": 96}}, "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.1, 0.2, 0.3], "resize_mode": "shortest"}}
            """);
        Assert.Equal((96, CropRounding.OpenClip, false), (processor.Size, processor.Rounding, processor.Squash));
        Assert.Equal([0.5f, 0.4f, 0.3f], processor.Mean);
        Assert.Equal([0.1f, 0.2f, 0.3f], processor.Std);
        Assert.Throws<InvalidInputException>(() => Read("open_clip_config.json", """{"vision_cfg": {}, "preprocess_cfg": {"resize_mode": "longest"}}"""));
        Assert.Throws<InvalidInputException>(() => Read("open_clip_config.json", """{"vision_cfg": {}, "preprocess_cfg": {"interpolation": "bilinear"}}"""));
    }

    [Theory]
    [InlineData("preprocessor_config.json", PublishedConfig)]
    [InlineData("preprocessor_config.json", """{"size": {"shortest_edge": 64}, "crop_size": {"height": 48, "width": 48}, "image_mean": [0.1, 0.2, 0.3]}""")]
    [InlineData("preprocessor_config.json", """{"size": {"height": 48, "width": 48}, "crop_size": 48}""")]
    [InlineData("open_clip_config.json", """{"model_cfg": {"vision_cfg": {"image_size": 96}}}""")]
    public void What_is_written_reads_back(string name, string json)
    {
        var processor = Read(name, json);
        var again = Read("preprocessor_config.json", Encoding.UTF8.GetString(processor.ToJson()));
        Assert.Equal(
            (processor.Size, processor.ResizeTo, processor.Squash, processor.Rounding), (again.Size, again.ResizeTo, again.Squash, again.Rounding));
        Assert.Equal(processor.Mean, again.Mean);
        Assert.Equal(processor.Std, again.Std);
    }

    private static ClipImageProcessor Processor(int size, CropRounding rounding) =>
        new(size, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd, rounding);

    private static ClipImageProcessor Read(string name, string json) =>
        ClipImageProcessor.FromAssets(new Dictionary<string, byte[]> { [name] = Encoding.UTF8.GetBytes(json) });
}
