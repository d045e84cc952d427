using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>What the comparison of one output adds up to over the batches.</summary>
internal sealed class AgreementSums
{
    private double _cosines;
    private double _error;
    private double _norm;
    private long _equal;
    private long _positions;

    /// <summary>Samples so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Mean cosine.</summary>
    public double Cosine => _cosines / Samples;

    /// <summary>Least cosine.</summary>
    public double MinCosine { get; private set; } = 1;

    /// <summary>||s - t||^2 / ||t||^2 over everything; 1 where the teacher gives only zeros and the student does not.</summary>
    public double RelativeError => _error == 0 ? 0 : _norm == 0 ? 1 : _error / _norm;

    /// <summary>Share of positions with the same arg max.</summary>
    public double Top1 => _positions == 0 ? 1 : _equal / (double)_positions;

    /// <summary>Adds a batch.</summary>
    /// <exception cref="InvalidInputException">The outputs differ in shape.</exception>
    public void Add(ComparedOutput student, ComparedOutput teacher)
    {
        if (student.Samples != teacher.Samples || student.Values.Length != teacher.Values.Length || student.Width != teacher.Width)
            throw new InvalidInputException("the outputs of student and teacher differ in shape; they cannot be compared.");
        for (var sample = 0; sample < student.Samples; sample++)
            AddSample(student, teacher, sample);
        Samples += student.Samples;
    }

    private void AddSample(ComparedOutput student, ComparedOutput teacher, int sample)
    {
        double product = 0, studentNorm = 0, teacherNorm = 0;
        var first = sample * student.Positions;
        for (var position = first; position < first + student.Positions; position++)
        {
            if (!student.Seen[position])
                continue;
            var s = student.Values.AsSpan(position * student.Width, student.Width);
            var t = teacher.Values.AsSpan(position * student.Width, student.Width);
            for (var i = 0; i < s.Length; i++)
            {
                product += s[i] * t[i];
                studentNorm += s[i] * s[i];
                teacherNorm += t[i] * t[i];
                _error += (s[i] - t[i]) * (s[i] - t[i]);
            }
            _positions++;
            if (Top(s) == Top(t))
                _equal++;
        }
        _norm += teacherNorm;
        var cosine = CosineOf(product, studentNorm, teacherNorm);
        _cosines += cosine;
        MinCosine = Math.Min(MinCosine, cosine);
    }

    private static int Top(ReadOnlySpan<double> values)
    {
        var top = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[top])
                top = i;
        }
        return top;
    }

    // Two vectors of zeros are equal; one has no direction. Rounding must not make equal vectors less than equal, or more.
    private static double CosineOf(double product, double a, double b) => (a, b) switch
    {
        (0, 0) => 1,
        (0, _) or (_, 0) => 0,
        _ => product == a && a == b ? 1 : Math.Clamp(product / (Math.Sqrt(a) * Math.Sqrt(b)), -1, 1),
    };
}
