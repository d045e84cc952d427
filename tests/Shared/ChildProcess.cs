using System.Diagnostics;

namespace CompressionHost.Tests;

/// <summary>Runs tests once more in a process of their own, for what is decided once a process.</summary>
internal static class ChildProcess
{
    /// <summary>Runs the tests of one class in this test program, started anew.</summary>
    /// <param name="tests">The class.</param>
    /// <param name="variable">An environment variable of the child, by which its tests know what they are.</param>
    /// <param name="value">Its value.</param>
    /// <returns>What the child printed; that it succeeded is asserted.</returns>
    public static async Task<string> RunTests(Type tests, string variable, string value)
    {
        var token = TestContext.Current.CancellationToken;
        using var results = new TemporaryFolder();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(tests.Assembly.Location);
        foreach (var argument in new[] { "--filter-class", tests.FullName!, "--results-directory", results.Path })
            start.ArgumentList.Add(argument);
        start.Environment[variable] = value;
        using var child = Process.Start(start)!;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
            limit.CancelAfter(TimeSpan.FromMinutes(2));
            var errors = child.StandardError.ReadToEndAsync(limit.Token);
            var output = await child.StandardOutput.ReadToEndAsync(limit.Token);
            await child.WaitForExitAsync(limit.Token);
            Assert.True(child.ExitCode == 0, output + await errors);
            return output;
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new TimeoutException($"{tests.Name} has not ended in a process of its own.");
        }
        finally
        {
            child.Kill(entireProcessTree: true);
        }
    }
}
