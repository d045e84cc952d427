namespace CompressionHost.Abstractions;

/// <summary>
/// Marks a string option as a path. The recipe reader makes it absolute, relative to the file in which it is written
/// (to the working directory for <c>--set</c>), so that a stage never sees a relative path; <c>~/</c> is the home folder. A value with a
/// scheme, such as <c>hf:owner/name</c>, is left as it is.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PathOptionAttribute : Attribute;
