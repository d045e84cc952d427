using System.Globalization;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine.Tests;

/// <summary>Workers find broken samples at the same time as others ask what is broken.</summary>
public sealed class BrokenSampleLogTests
{
    private const int Samples = 400_000;
    private const int Allowed = Samples / 100;

    // A race is met by chance, so each test goes several rounds.
    [Fact]
    public async Task What_many_threads_find_is_counted_once_and_told_in_order()
    {
        for (var round = 0; round < 15; round++)
        {
            var log = new BrokenSampleLog(Samples);
            var finding = Task.Run(() => Parallel.For(0, 8, worker =>
            {
                for (var i = 0; i < Allowed; i++)
                    Note(log, (i + worker * Allowed / 8) % Allowed);
            }), TestContext.Current.CancellationToken);
            for (var last = 0; !finding.IsCompleted;)
            {
                var summary = log.Summary();
                Assert.InRange(summary.Count, last, Allowed);
                Assert.Equal(summary.First.OrderBy(NumberOf), summary.First);
                last = summary.Count;
            }
            await finding;

            var all = log.Summary();
            Assert.Equal(Allowed, all.Count);
            Assert.NotEmpty(all.First);
            Assert.Equal(Enumerable.Range(0, all.First.Count), all.First.Select(NumberOf));
        }
    }

    [Fact]
    public void Each_thread_that_meets_one_too_many_hears_of_it_in_the_same_words()
    {
        for (var round = 0; round < 1000; round++)
        {
            var log = new BrokenSampleLog(399);
            var errors = new Exception?[8];
            Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker => errors[worker] = Record.Exception(() =>
            {
                for (var i = 0; i < 399; i++)
                    Note(log, worker * 40 + i);
            }));
            Assert.All(errors, e => Assert.IsType<InvalidInputException>(e));
            Assert.All(errors, e => Assert.Matches("^[0-9]+ of 399 samples cannot be read, more than 1%; mend or remove them: sample-[0-9]+: broken", e!.Message));
        }
    }

    private static void Note(BrokenSampleLog log, int index)
    {
        if (!log.Contains(index))
            log.Add(index, new BadSampleException($"sample-{index}", "broken"));
    }

    private static int NumberOf(string fault) => int.Parse(fault.Split('-', ':')[1], CultureInfo.InvariantCulture);
}
