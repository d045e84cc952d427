using CompressionHost.Abstractions;
using CompressionHost.Plugins.Quantizers;
using CompressionHost.Tensors;
using CompressionHost.Testing;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

public sealed class CalibratorTests
{
    private static readonly ICalibrator[] Calibrators =
    [
        new RtnCalibrator(), new HqqCalibrator(new HqqOptions()), new GptqCalibrator(new GptqOptions()), new GptqCalibrator(new GptqOptions { ScaleSteps = 0, Block = 5 }),
        new GptqCalibrator(new GptqOptions { ActivationOrder = true }), new SmoothQuantCalibrator(new SmoothQuantOptions()),
    ];

    public static TheoryData<int, int> EveryPair
    {
        get
        {
            var pairs = new TheoryData<int, int>();
            for (var c = 0; c < Calibrators.Length; c++)
            {
                for (var q = 0; q <= GridQuantizer.Every.Count; q++)
                    pairs.Add(c, q);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(EveryPair))]
    public void Every_calibrator_keeps_the_laws_on_every_grid(int calibrator, int quantizer) =>
        CalibratorConformance.Verify(
            Calibrators[calibrator], quantizer == GridQuantizer.Every.Count ? new TernaryQuantizer(new TernaryOptions { Group = 32 }) : GridQuantizer.Every[quantizer]);

    [Fact]
    public void Conformance_finds_a_calibrator_that_is_worse_than_its_quantizer() =>
        Assert.Contains(CalibratorConformance.Check(new Spoiler(), GridQuantizer.Every[2]), f => f.Law.StartsWith("The error at the layer's output", StringComparison.Ordinal));

    // H = [[2, 1], [1, 2]] up to a factor, whose inverse is [[2, -1], [-1, 2]] / 3: an error of 0.4 in the first column moves the second by 0.4 * 1/2.
    [Fact]
    public void Gptq_lets_the_second_column_make_up_for_the_first()
    {
        var calibrated = Gptq(new GptqOptions { ScaleSteps = 0, Damping = 1e-6 }, Unit, [0.4f, 0.4f], [1, 1, 1, 0, 0, 1]);

        Assert.Equal([(sbyte)0, (sbyte)1], calibrated.Weight.Codes);
        Assert.Equal(Math.Sqrt(0.28 / 0.48), calibrated.OutputError!.Value, 1e-4);
        Assert.Equal(1, calibrated.NearestOutputError!.Value, 1e-4);
    }

    // H = [[1, 1], [1, 5]]: in their own order the first column's error moves the second by 0.4 / 5, too little; the other way round by 0.4.
    [Theory]
    [InlineData(false, 0, 0)]
    [InlineData(true, 1, 0)]
    public void Gptq_takes_the_columns_with_the_largest_inputs_first_where_it_is_told_to(bool ordered, sbyte first, sbyte second) =>
        Assert.Equal(
            [first, second], Gptq(new GptqOptions { ScaleSteps = 0, Damping = 1e-6, ActivationOrder = ordered }, Unit, [0.4f, 0.4f], [1, 1, 0, 2]).Weight.Codes);

    // Least squares of 1, 1, -1 (and 0.1, whose code is 0) on the codes 1, 1, -1: 3 / 3, where the mean magnitude is 0.775.
    [Fact]
    public void Gptq_fits_a_ternary_scale_to_its_codes()
    {
        var calibrated = Gptq(new GptqOptions(), new TernaryQuantizer(new TernaryOptions { Group = 4, Scale = new() { Factor = 1 } }), [1, 1, -1, 0.1f], []);

        Assert.Equal([(sbyte)1, (sbyte)1, (sbyte)-1, (sbyte)0], calibrated.Weight.Codes);
        Assert.Equal((Half)1, Assert.Single(calibrated.Weight.Scales));
        Assert.Null(calibrated.OutputError);
    }

    [Fact]
    public void Gptq_with_independent_inputs_is_rounding_to_nearest()
    {
        using var weight = torch.randn([6, 64], generator: new torch.Generator(3));
        foreach (var quantizer in GridQuantizer.Every)
        {
            using var calibration = new GptqCalibrator(new GptqOptions { ScaleSteps = 0, Block = 7 }).Begin(weight, quantizer);
            using var inputs = torch.eye(64);
            calibration.Observe(inputs);
            var (calibrated, nearest) = (calibration.Quantize().Weight, quantizer.Quantize(weight));

            Assert.Equal(nearest.Codes, calibrated.Codes);
            Assert.Equal(nearest.Scales, calibrated.Scales);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Gptq_with_correlated_inputs_costs_the_output_less_than_rounding(int quantizer)
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            using var generator = new torch.Generator(seed);
            using var weight = torch.randn([32, 64], generator: generator);
            using var inputs = torch.randn([300, 8], generator: generator).mm(torch.randn([8, 64], generator: generator)).add(torch.randn([300, 64], generator: generator), TorchScalars.Of(0.5));
            using var calibration = new GptqCalibrator(new GptqOptions()).Begin(weight, GridQuantizer.Every[quantizer]);
            calibration.Observe(inputs);
            var calibrated = calibration.Quantize();

            Assert.True(calibrated.OutputError < 0.9 * calibrated.NearestOutputError, $"seed {seed}: {calibrated.OutputError} and {calibrated.NearestOutputError}");
        }
    }

    [Fact]
    public void Hqq_lowers_the_sum_of_powers_of_the_errors()
    {
        using var weight = torch.randn([16, 64], generator: new torch.Generator(5)).pow(TorchScalars.Of(3L));
        foreach (var quantizer in GridQuantizer.Every)
        {
            using var calibration = new HqqCalibrator(new HqqOptions()).Begin(weight, quantizer);
            var (before, after) = (Loss(weight, quantizer.Quantize(weight)), Loss(weight, calibration.Quantize().Weight));

            Assert.True(after < before, $"{quantizer.Scheme.Name}: {after} and {before}");
        }
    }

    // max|X| = (4, 1), max|W| = (1, 4) over both weights: sqrt(4 / 1) = 2 and sqrt(1 / 4) = 0.5.
    [Fact]
    public void SmoothQuant_halves_the_way_between_inputs_and_weights()
    {
        using var first = torch.tensor(new[] { 0.5f, -4f }, [1, 2]);
        using var second = torch.tensor(new[] { -1f, 2f }, [1, 2]);
        using var factors = new SmoothQuantCalibrator(new SmoothQuantOptions()).Factors(torch.tensor(new[] { 4f, 1f }), [first, second]);

        Assert.Equal([2f, 0.5f], factors.data<float>().ToArray());
    }

    private static GridQuantizer Unit => new(QuantizationScheme.Int8, int.MaxValue, fixedScale: 1);

    private static CalibratedWeight Gptq(GptqOptions options, IQuantizer quantizer, float[] row, float[] inputs)
    {
        using var weight = torch.tensor(row, [1, row.Length]);
        using var calibration = new GptqCalibrator(options).Begin(weight, quantizer);
        if (inputs.Length > 0)
        {
            using var observed = torch.tensor(inputs, [inputs.Length / row.Length, row.Length]);
            calibration.Observe(observed);
        }
        return calibration.Quantize();
    }

    private static double Loss(torch.Tensor weight, QuantizedTensor quantized)
    {
        var values = new float[quantized.Count];
        quantized.Dequantize(values);
        return weight.data<float>().ToArray().Zip(values, (w, q) => Math.Pow(Math.Abs(w - q), 0.7)).Sum();
    }

    /// <summary>All codes are zero.</summary>
    private sealed class Spoiler : ICalibrator
    {
        public bool NeedsInputs => true;

        public ISiteCalibration Begin(torch.Tensor weight, IQuantizer quantizer) => new Calibration(quantizer.Quantize(weight));

        private sealed class Calibration(QuantizedTensor nearest) : ISiteCalibration
        {
            public void Observe(torch.Tensor inputs)
            {
            }

            public CalibratedWeight Quantize() => new(new QuantizedTensor(nearest.Scheme, nearest.Shape, nearest.GroupSize, new sbyte[nearest.Count], nearest.Scales));

            public void Dispose()
            {
            }
        }
    }
}
