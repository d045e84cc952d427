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
    private const string OpenClipRounding = "open_clip";
    private const int DefaultSize = 224;

    public static ClipImageProcessor Read(IReadOnlyDictionary<string, byte[]> assets)
    {
        if (assets.TryGetValue(HuggingFaceFile, out var json))
        {
            using var document = ConfigObject.Parse(json, HuggingFaceFile, out var config);
            return FromHuggingFace(config);
        }
        if (assets.TryGetValue(OpenClipFile, out json))
        {
            using var document = ConfigObject.Parse(json, OpenClipFile, out var config);
            return FromOpenClip(config);
        }
        if (assets.TryGetValue(ModelFile, out json))
        {
            using var document = ConfigObject.Parse(json, ModelFile, out var config);
            return FromModel(config);
        }
        throw new InvalidInputException($"The model has neither {HuggingFaceFile}, {OpenClipFile} nor {ModelFile}, so the size of its images is not known.");
    }

    public static byte[] Write(ClipImageProcessor processor)
    {
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
            ["resample"] = (int)processor.Resampling,
            ["rescale_factor"] = 1 / 255.0,
            ["size"] = processor.Squash ? Sides(processor.ResizeTo) : new JsonObject { ["shortest_edge"] = processor.ResizeTo },
        };
        // transformers has no such setting; it keeps a key it does not know and does nothing with it.
        if (processor.Rounding == CropRounding.OpenClip)
            root[RoundingKey] = OpenClipRounding;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            root.WriteTo(writer);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();

        static JsonObject Sides(int side) => new() { ["height"] = side, ["width"] = side };
    }

    private static ClipImageProcessor FromHuggingFace(ConfigObject config)
    {
        var kind = ProcessorKind.Of(config.Text("image_processor_type", config.Text("feature_extractor_type", "")));
        foreach (var step in (ReadOnlySpan<string>)["do_resize", "do_rescale", "do_convert_rgb"])
        {
            if (!config.Flag(step, true))
                throw config.Fault(step, "false is not supported; the encoder reads resized RGB images in 0..1");
        }
        var resampling = (Resampling)config.Integer("resample", (int)kind.Resampling);
        if (!Enum.IsDefined(resampling))
            throw config.Fault("resample", $"{config.Raw("resample")} is not supported; {(int)Resampling.Bilinear} (bilinear) and {(int)Resampling.Bicubic} (bicubic) are");
        if (Math.Abs(config.Number("rescale_factor", 1 / 255.0) - (1 / 255.0)) > 1e-7)
            throw config.Fault("rescale_factor", $"{config.Raw("rescale_factor")} is not supported; 1/255 is");
        var (resizeTo, squash) = Side(config, "size", kind.Size, kind.Squash);
        var (size, _) = Side(config, "crop_size", DefaultSize, false);
        if (!config.Flag("do_center_crop", kind.Crops))
            size = squash ? resizeTo : throw config.Fault("do_center_crop", "false needs a \"size\" of height and width, since the encoder reads squares");
        if (size > resizeTo)
            throw config.Fault("crop_size", $"{size} is larger than the {resizeTo} that images are resized to");
        var rounding = config.Text(RoundingKey, "") switch
        {
            "" => CropRounding.HuggingFace,
            OpenClipRounding => CropRounding.OpenClip,
            var other => throw config.Fault(RoundingKey, $"\"{other}\" is not known; \"{OpenClipRounding}\" is"),
        };
        return config.Flag("do_normalize", true)
            ? Create(config, "crop_size", "image_std", size, resizeTo, squash, config.Channels("image_mean") ?? kind.Mean, config.Channels("image_std") ?? kind.Std, rounding, resampling)
            : Create(config, "crop_size", "image_std", size, resizeTo, squash, [0, 0, 0], [1, 1, 1], rounding, resampling);
    }

    /// <summary>A model without a file about its images: what timm's configuration says, or the defaults of its kind.</summary>
    private static ClipImageProcessor FromModel(ConfigObject config)
    {
        if (config.Object("pretrained_cfg") is { } timm)
            return FromTimm(timm);
        if (config.Text("model_type", "clip") is "vit" or "deit")
        {
            var kind = ProcessorKind.Of(ProcessorKind.Vit);
            var side = config.SquareSize("image_size", DefaultSize);
            return Create(config, "image_size", "image_std", side, side, true, kind.Mean, kind.Std, CropRounding.HuggingFace, kind.Resampling);
        }
        var vision = config.Object("vision_config") ?? throw config.Fault("vision_config", "it is missing, so the size of images is not known");
        var size = vision.SquareSize("image_size", DefaultSize);
        return Create(vision, "image_size", "image_std", size, size, false, null, null, CropRounding.HuggingFace, Resampling.Bicubic);
    }

    /// <summary>timm's evaluation transform: the shortest side resized to size / crop_pct, rounded down, then the centre.</summary>
    private static ClipImageProcessor FromTimm(ConfigObject config)
    {
        var size = config.Shape("input_size") is [3, var height, var width] && height == width
            ? height
            : throw config.Fault("input_size", $"{config.Raw("input_size")} is not supported; 3 channels and a square are");
        if (config.Text("crop_mode", "center") is var mode and not "center")
            throw config.Fault("crop_mode", $"\"{mode}\" is not supported; \"center\" is");
        var resampling = config.Text("interpolation", "bicubic") switch
        {
            "bicubic" => Resampling.Bicubic,
            "bilinear" => Resampling.Bilinear,
            var other => throw config.Fault("interpolation", $"\"{other}\" is not supported; \"bicubic\" and \"bilinear\" are"),
        };
        var part = config.Number("crop_pct", 0.875);
        if (part is not (> 0.1 and <= 1))
            throw config.Fault("crop_pct", $"{config.Raw("crop_pct")} is not between 0.1 and 1");
        return Create(
            config, "input_size", "std", size, (int)Math.Floor(size / part), false, config.Channels("mean") ?? ProcessorKind.ImageNetMean,
            config.Channels("std") ?? ProcessorKind.ImageNetStd, CropRounding.OpenClip, resampling);
    }

    private static ClipImageProcessor FromOpenClip(ConfigObject config)
    {
        var vision = (config.Object("model_cfg") ?? config).Object("vision_cfg")
            ?? throw config.Fault("vision_cfg", "it is missing, so the size of images is not known");
        var preprocess = config.Object("preprocess_cfg") ?? config.Empty("preprocess_cfg");
        if (preprocess.Text("interpolation", "bicubic") != "bicubic")
            throw preprocess.Fault("interpolation", $"{preprocess.Raw("interpolation")} is not supported; \"bicubic\" is");
        var mode = preprocess.Text("resize_mode", "shortest");
        if (mode is not ("shortest" or "squash"))
            throw preprocess.Fault("resize_mode", $"\"{mode}\" is not supported; \"shortest\" and \"squash\" are");
        var size = vision.SquareSize("image_size", DefaultSize);
        return Create(
            preprocess, "size", "std", size, size, mode == "squash", preprocess.Channels("mean"), preprocess.Channels("std"), CropRounding.OpenClip, Resampling.Bicubic);
    }

    private static ClipImageProcessor Create(
        ConfigObject config, string sizeKey, string stdKey, int size, int resizeTo, bool squash, float[]? mean, float[]? std, CropRounding rounding, Resampling resampling)
    {
        if (size < 1 || resizeTo > ClipImageProcessor.MaximumSize)
            throw config.Fault(sizeKey, $"an image size of {(size < 1 ? size : resizeTo)} is outside 1 to {ClipImageProcessor.MaximumSize}");
        if (std is not null && !std.All(value => value > 0))
            throw config.Fault(stdKey, $"{config.Raw(stdKey)} is not above 0");
        return new ClipImageProcessor(
            size, resizeTo, squash, mean ?? ClipImageProcessor.OpenAIMean, std ?? ClipImageProcessor.OpenAIStd, rounding, resampling);
    }

    /// <summary>A number, {"shortest_edge": n}, or {"height": n, "width": n}, which for "size" means to squash.</summary>
    /// <param name="config">The file.</param>
    /// <param name="key">Which size.</param>
    /// <param name="absent">The side where the key is absent.</param>
    /// <param name="numberSquashes">Whether a single number is both sides rather than the shortest.</param>
    private static (int Side, bool Squash) Side(ConfigObject config, string key, int absent, bool numberSquashes)
    {
        if (config.Kind(key) != JsonValueKind.Object)
            return (config.Integer(key, absent), numberSquashes);
        var sides = config.Object(key)!.Value;
        if (sides.Has("shortest_edge"))
            return (sides.Integer("shortest_edge"), false);
        var height = sides.Integer("height");
        return sides.Integer("width") == height ? (height, true) : throw config.Fault(key, $"{config.Raw(key)} is not supported; only squares are");
    }
}
