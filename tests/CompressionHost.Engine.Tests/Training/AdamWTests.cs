using CompressionHost.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using OptimizerOptions = CompressionHost.Recipes.OptimizerOptions;

namespace CompressionHost.Engine.Tests;

public sealed class AdamWTests
{
    /// <summary>The textbook algorithm in double precision.</summary>
    private sealed class Reference(double[] weights, OptimizerOptions options, double decay, double scale)
    {
        private readonly double[] _first = new double[weights.Length];
        private readonly double[] _second = new double[weights.Length];
        private int _step;

        public double[] Weights { get; } = weights;

        public void Step(float[] gradients, double rate)
        {
            _step++;
            var (beta1, beta2) = (options.Betas[0], options.Betas[1]);
            for (var i = 0; i < Weights.Length; i++)
            {
                _first[i] = beta1 * _first[i] + (1 - beta1) * gradients[i];
                _second[i] = beta2 * _second[i] + (1 - beta2) * gradients[i] * gradients[i];
                var mean = _first[i] / (1 - Math.Pow(beta1, _step));
                var square = _second[i] / (1 - Math.Pow(beta2, _step));
                Weights[i] -= rate * scale * (decay * Weights[i] + mean / (Math.Sqrt(square) + options.Epsilon));
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(4, 16)]
    [InlineData(7, 37)]
    public void Ten_steps_agree_with_the_textbook(int rows, int columns)
    {
        var options = new OptimizerOptions { Betas = [0.9, 0.98], Epsilon = 1e-6, WeightDecay = 0.1 };
        var random = new Random(rows * 100 + columns);
        using var parameter = Parameter(random, rows, columns);
        var reference = new Reference([.. parameter.data<float>().Select(v => (double)v)], options, 0.1, 1);
        var optimizer = new AdamW(options, [("w", parameter)]);
        for (var step = 0; step < 10; step++)
        {
            var gradients = Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
            SetGradient(parameter, gradients);
            optimizer.Step(1e-2);
            reference.Step(gradients, 1e-2);
        }
        Assert.All(parameter.data<float>().Zip(reference.Weights), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void Matrices_decay_and_vectors_do_not()
    {
        var options = new OptimizerOptions { WeightDecay = 0.5 };
        var random = new Random(1);
        using var matrix = Parameter(random, 2, 2);
        using var vector = Parameter(random, 4);
        var before = (Matrix: matrix.data<float>().ToArray(), Vector: vector.data<float>().ToArray());
        SetGradient(matrix, new float[4]);
        SetGradient(vector, new float[4]);
        new AdamW(options, [("matrix", matrix), ("vector", vector)]).Step(0.1);
        Assert.All(matrix.data<float>().Zip(before.Matrix), p => Assert.Equal(p.Second * 0.95f, p.First, 1e-6f));
        Assert.Equal(before.Vector, vector.data<float>());
    }

    [Fact]
    public void A_group_scales_or_freezes_its_parameters()
    {
        var options = new OptimizerOptions
        {
            Groups = [new ParameterGroupOptions { Match = ["frozen.*"], LrScale = 0 }, new ParameterGroupOptions { Match = ["slow.*"], LrScale = 0.1 }],
        };
        var random = new Random(2);
        using var frozen = Parameter(random, 3);
        using var slow = Parameter(random, 3);
        using var usual = Parameter(random, 3);
        var optimizer = new AdamW(options, [("frozen.w", frozen), ("slow.w", slow), ("usual.w", usual)]);
        Assert.False(frozen.requires_grad);
        Assert.Equal(["slow.w", "usual.w"], optimizer.Trained.Select(t => t.Name));
        var before = (Slow: slow.data<float>().ToArray(), Usual: usual.data<float>().ToArray());
        SetGradient(slow, [1, 1, 1]);
        SetGradient(usual, [1, 1, 1]);
        optimizer.Step(0.1);
        // The first step of Adam is the learning rate in the direction of the gradient.
        Assert.All(slow.data<float>().Zip(before.Slow), p => Assert.Equal(p.Second - 0.01f, p.First, 1e-5f));
        Assert.All(usual.data<float>().Zip(before.Usual), p => Assert.Equal(p.Second - 0.1f, p.First, 1e-5f));
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays()
    {
        using var parameter = Parameter(new Random(3), 2, 3);
        var before = parameter.data<float>().ToArray();
        new AdamW(new OptimizerOptions { WeightDecay = 1 }, [("w", parameter)]).Step(1);
        Assert.Equal(before, parameter.data<float>());
    }

    private static Parameter Parameter(Random random, params long[] shape)
    {
        var values = Enumerable.Range(0, (int)shape.Aggregate(1L, (a, d) => a * d)).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
        return new Parameter(torch.tensor(values, shape));
    }

    private static void SetGradient(Parameter parameter, float[] values) => parameter.grad = torch.tensor(values, parameter.shape);
}
