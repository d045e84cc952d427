namespace CompressionHost.Engine;

/// <summary>Round tick marks over a range.</summary>
/// <param name="Min">First tick, at or below the data.</param>
/// <param name="Max">Last tick, at or above the data.</param>
/// <param name="Step">Distance of two ticks: 1, 2 or 5 times a power of ten.</param>
internal sealed record Axis(double Min, double Max, double Step)
{
    /// <summary>The axis over data from <paramref name="min"/> to <paramref name="max"/> with about <paramref name="ticks"/> ticks.</summary>
    public static Axis Over(double min, double max, int ticks)
    {
        if (!(double.IsFinite(min) && double.IsFinite(max)) || max < min)
            (min, max) = (0, 1);
        // A constant still needs a range to be drawn in, and one that floating point can divide.
        if (max - min <= 1e-9 * Math.Max(Math.Abs(min), Math.Abs(max)))
        {
            double pad = max == 0 ? 1 : Math.Abs(max) * 0.5;
            (min, max) = min >= 0 ? (Math.Max(0, min - pad), max + pad) : (min - pad, max + pad);
        }
        double rough = max / ticks - min / ticks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * ((rough / power) switch { <= 1.0000001 => 1, <= 2.0000001 => 2, <= 5.0000001 => 5, _ => 10 });
        return new Axis(Math.Floor(min / step + 1e-9) * step, Math.Ceiling(max / step - 1e-9) * step, step);
    }

    /// <summary>The ticks, both ends included.</summary>
    public IEnumerable<double> Ticks()
    {
        int count = (int)Math.Min(50, Math.Round((Max - Min) / Step));
        for (int i = 0; i <= count; i++)
        {
            // A sum of steps leaves dust around zero.
            double tick = Min + i * Step;
            yield return Math.Abs(tick) < Step * 1e-6 ? 0 : tick;
        }
    }

    /// <summary>Where a value lies, 0 at the first tick and 1 at the last.</summary>
    public double Position(double value) => Math.Clamp((value - Min) / (Max - Min), 0, 1);

    /// <summary>The text of a tick, with the decimals that the step asks for.</summary>
    public string Label(double tick)
    {
        double size = Math.Max(Math.Abs(Min), Math.Abs(Max));
        if (size is >= 1e6 or < 1e-2)
            return ReportFormat.Number(tick);
        int decimals = Math.Clamp((int)-Math.Floor(Math.Log10(Step) + 1e-9), 0, 8);
        return ReportFormat.Fixed(tick, decimals);
    }
}
