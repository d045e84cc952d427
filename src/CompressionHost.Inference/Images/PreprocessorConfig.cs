using System.Text.Json;
using System.Text.Json.Nodes;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Reads and writes the files in which checkpoints keep their image preprocessing.</summary>
internal static class PreprocessorConfig
{
    private const string HuggingFaceFile = "preprocessor_config.json";
    private const string OpenClipFile = "open_clip_config.json";
    private const string ModelFile = "config.json";
    private const string RoundingKey = "crop_rounding";
    private const int Bicubic = 3;

    public static ClipImageProcessor Read(IReadOnlyDictionary<string, byte[]> assets)
    {
        if (assets.TryGetValue(HuggingFaceFile, out var json))
            return FromHuggingFace(new ConfigReader(HuggingFaceFile, json));
        if (assets.TryGetValue(OpenClipFile, out json))
            return FromOpenClip(new ConfigReader(OpenClipFile, json));
        if (!assets.TryGetValue(ModelFile, out json))
            throw new InvalidInputException($"The model has neither {HuggingFaceFile}, {OpenClipFile} nor {ModelFile}, so the size of its images is not known.");
        var model = new ConfigReader(ModelFile, json);
        var size = model.Section("vision_config")?.Integer("image_size")
            ?? throw model.Bad("it has no vision_config.image_size");
        return Create(model, size, size, false, null, null, CropRounding.HuggingFace);
    }

    public static byte[] Write(ClipImageProcessor processor)
    {
        var resized = processor.ResizeTo;
        var root = new JsonObject
        {
            ["crop_size"] = Sides(processor.Size),
            ["do_center_crop"] = true,
            ["do_convert_rgb"] = true,
            ["do_normalize"] = true,
            ["do_rescale"] = true,
            ["do_resize"] = true,
            ["image_mean"] = new JsonArray([.. processor.Mean.Select(value => JsonValue.Create(value))]),
            ["image_processor_type"] = "CLIPImageProcessor",
            ["image_std"] = new JsonArray([.. processor.Std.Select(value => JsonValue.Create(value))]),
            ["resample"] = Bicubic,
            ["rescale_factor"] = 1 / 255.0,
            ["size"] = processor.Squash ? Sides(resized) : new JsonObject { ["shortest_edge"] = resized },
        };
        // transformers has no such setting and keeps the key without reading it.
        if (processor.Rounding == CropRounding.OpenClip)
            root[RoundingKey] = "open_clip";
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            root.WriteTo(writer);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();

        static JsonObject Sides(int side) => new() { ["height"] = side, ["width"] = side };
    }

    private static ClipImageProcessor FromHuggingFace(ConfigReader config)
    {
        var (resized, squash) = Size(config, "size") ?? (224, false);
        var crop = Size(config, "crop_size")?.Side ?? 224;
        foreach (var step in (ReadOnlySpan<string>)["do_resize", "do_rescale", "do_convert_rgb"])
        {
            if (config.Flag(step) == false)
                throw config.Bad($"\"{step}\": false is not supported; a CLIP encoder reads resized RGB images in 0..1");
        }
        if (config.Flag("do_center_crop") == false)
        {
            if (!squash)
                throw config.Bad("\"do_center_crop\": false needs a \"size\" of height and width, since the encoder reads squares");
            crop = resized;
        }
        if (config.Integer("resample") is { } resample and not Bicubic)
            throw config.Bad($"\"resample\": {resample} is not supported; {Bicubic} (bicubic) is");
        if (config.Number("rescale_factor") is { } factor && Math.Abs(factor - (1 / 255.0)) > 1e-7)
            throw config.Bad($"\"rescale_factor\": {factor} is not supported; 1/255 is");
        if (crop > resized)
            throw config.Bad($"\"crop_size\" ({crop}) is larger than \"size\" ({resized})");
        var rounding = config.Text(RoundingKey) switch
        {
            null => CropRounding.HuggingFace,
            "open_clip" => CropRounding.OpenClip,
            var other => throw config.Bad($"\"{RoundingKey}\": \"{other}\" is not known; \"open_clip\" is"),
        };
        var normalizes = config.Flag("do_normalize") != false;
        return Create(
            config,
            crop,
            resized,
            squash,
            normalizes ? config.Triple("image_mean") : [0, 0, 0],
            normalizes ? config.Triple("image_std") : [1, 1, 1],
            rounding);
    }

    private static ClipImageProcessor FromOpenClip(ConfigReader config)
    {
        var model = config.Section("model_cfg") ?? config;
        var size = model.Section("vision_cfg")?.Integer("image_size")
            ?? throw config.Bad("it has no model_cfg.vision_cfg.image_size, or one that is not a whole number");
        var preprocess = config.Section("preprocess_cfg");
        if (preprocess?.Text("interpolation") is { } interpolation and not "bicubic")
            throw config.Bad($"\"interpolation\": \"{interpolation}\" is not supported; \"bicubic\" is");
        if (preprocess?.Text("resize_mode") is { } mode and not ("shortest" or "squash"))
            throw config.Bad($"\"resize_mode\": \"{mode}\" is not supported; \"shortest\" and \"squash\" are");
        return Create(
            config, size, size, preprocess?.Text("resize_mode") == "squash", preprocess?.Triple("mean"), preprocess?.Triple("std"), CropRounding.OpenClip);
    }

    private static ClipImageProcessor Create(
        ConfigReader config, int size, int resizeTo, bool squash, float[]? mean, float[]? std, CropRounding rounding)
    {
        if (size < 1 || resizeTo > ClipImageProcessor.MaximumSize)
            throw config.Bad($"an image size of {size} is outside 1 to {ClipImageProcessor.MaximumSize}");
        if (std is not null && std.Any(value => !(value > 0)))
            throw config.Bad("a standard deviation is not above 0");
        return new ClipImageProcessor(
            size, resizeTo, squash, mean ?? ClipImageProcessor.OpenAIMean, std ?? ClipImageProcessor.OpenAIStd, rounding);
    }

    /// <summary>A number, {"shortest_edge": n}, or {"height": n, "width": n}, which for "size" means to squash.</summary>
    private static (int Side, bool Squash)? Size(ConfigReader config, string name)
    {
        if (config.Section(name) is not { } sides)
            return config.Integer(name) is { } side ? (side, false) : null;
        if (sides.Integer("shortest_edge") is { } shortest)
            return (shortest, false);
        if (sides.Integer("height") is not { } height || sides.Integer("width") is not { } width)
            throw config.Bad($"\"{name}\" is neither a number, \"shortest_edge\" nor \"height\" and \"width\"");
        return height == width ? (height, true) : throw config.Bad($"\"{name}\" is {height} x {width}; only squares are supported");
    }
}
