using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Builds stages by dependency injection.</summary>
public interface IStageFactory
{
    /// <summary>Builds the stage a recipe names, with its options.</summary>
    /// <typeparam name="TContract">The stage's contract.</typeparam>
    /// <exception cref="StageFailedException">The stage's constructor threw; the message names the plugin and its version.</exception>
    TContract Create<TContract>(StageUse use)
        where TContract : class;

    /// <summary>Builds a stage by its name, with default options or the given ones.</summary>
    /// <exception cref="StageFailedException">There is no such stage, or its constructor threw.</exception>
    TContract Create<TContract>(string name, object? options = null)
        where TContract : class;
}
