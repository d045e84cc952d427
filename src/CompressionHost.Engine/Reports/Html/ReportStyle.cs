namespace CompressionHost.Engine;

/// <summary>The style sheet of the page.</summary>
/// <remarks>
/// It is inside an element that HTML reads as raw text and XML as escaped text, so it must do without angle opening brackets and ampersands.
/// The three model colours differ in lightness as well as in hue and keep a contrast of 3:1 against the card, text one of 4.5:1, in both schemes.
/// </remarks>
internal static class ReportStyle
{
    public const string Css = """

        :root { color-scheme: light dark;
          --page: #f6f7f9; --card: #ffffff; --ink: #1b2230; --soft: #556070; --line: #dde1e7; --grid: #e8ebef; --track: #e4e8ed; --zebra: rgb(20 40 80 / 2.5%); --shade: rgb(20 30 50 / 22%);
          --teacher: #7b8696; --ptq: #b4610a; --student: #0f5fb8; --good: #146c3a; --good-back: #e3f3e9; --bad: #a8232f; --bad-back: #fbe7e8; --warn: #7a5200; --warn-back: #fdf3dc; --warn-line: #e6c77d; }
        @media screen and (prefers-color-scheme: dark) { :root {
          --page: #11151b; --card: #1a2029; --ink: #e7ebf1; --soft: #a3aebd; --line: #303947; --grid: #28303c; --track: #2c3542; --zebra: rgb(255 255 255 / 2.5%); --shade: rgb(0 0 0 / 65%);
          --teacher: #8d99aa; --ptq: #e59a4b; --student: #6db3ff; --good: #79d7a0; --good-back: #173425; --bad: #ff9ba3; --bad-back: #43202a; --warn: #f0cc7a; --warn-back: #2f2816; --warn-line: #6b5824; } }
        *, *::before, *::after { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
        @media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
        body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
        .page { max-width: 1240px; margin: 0 auto; padding: clamp(20px, 4vw, 56px) clamp(14px, 3vw, 40px) 48px; }
        .skip { position: absolute; left: -9999px; } .skip:focus { left: 12px; top: 12px; background: var(--card); padding: 8px 12px; }
        a { color: var(--student); } :focus-visible { outline: 2px solid var(--student); outline-offset: 2px; }
        h1, h2, h3, p, dl, dd, ul, ol, figure { margin: 0; } ul, ol { padding: 0; list-style: none; }
        h1 { font-size: clamp(1.6rem, 1.2rem + 1.8vw, 2.5rem); line-height: 1.15; letter-spacing: -0.02em; font-weight: 680; margin: 4px 0 14px; }
        h2 { font-size: 1.35rem; line-height: 1.25; letter-spacing: -0.01em; font-weight: 650; margin-bottom: 6px; }
        h3 { font-size: 1.05rem; font-weight: 650; }
        section { margin-top: 52px; scroll-margin-top: 16px; }
        .kicker { font-size: 0.75rem; letter-spacing: 0.08em; text-transform: uppercase; color: var(--soft); font-weight: 600; }
        .intro { color: var(--soft); max-width: 80ch; margin-bottom: 16px; font-size: 0.94rem; }
        .muted, small { color: var(--soft); } small { font-size: 0.82em; font-weight: 400; }
        code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.86em; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; }
        .card + .card { margin-top: 16px; }

        .verdict { font-size: clamp(1.05rem, 1rem + 0.4vw, 1.28rem); line-height: 1.45; max-width: 62ch; padding-left: 14px; border-left: 4px solid var(--teacher); }
        .verdict.held { border-color: var(--good); } .verdict.failed { border-color: var(--bad); }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 176px), 1fr)); margin-top: 28px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
        .figures > div { padding: 16px; box-shadow: 1px 0 0 var(--line), 0 1px 0 var(--line); }
        .figures dt { font-size: 0.84rem; color: var(--soft); font-weight: 600; }
        .figures .big { font-size: 1.5rem; line-height: 1.4; font-weight: 680; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
        .figures .note { font-size: 0.82rem; line-height: 1.4; color: var(--soft); }
        .warnings { margin-top: 20px; background: var(--warn-back); border: 1px solid var(--warn-line); border-radius: 10px; padding: 14px 18px; }
        .warnings h2 { font-size: 1rem; color: var(--warn); margin-bottom: 4px; } .warnings li { margin-top: 4px; font-size: 0.94rem; }
        nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-top: 24px; padding-bottom: 10px; border-bottom: 1px solid var(--line); font-size: 0.92rem; }
        nav a { text-decoration: none; display: inline-block; padding: 3px 0; } nav a:hover { text-decoration: underline; }

        .scroll { overflow-x: auto; max-width: 100%;
          /* A shade at an edge says that there is more that way: the covers scroll with the table, the shades stay. */
          background: linear-gradient(90deg, var(--card) 40%, transparent) left / 36px 100% no-repeat local, linear-gradient(270deg, var(--card) 40%, transparent) right / 36px 100% no-repeat local,
            linear-gradient(90deg, var(--shade), transparent) left / 14px 100% no-repeat scroll, linear-gradient(270deg, var(--shade), transparent) right / 14px 100% no-repeat scroll, var(--card); border: 1px solid var(--line); border-radius: 10px; }
        table { border-collapse: collapse; width: 100%; font-size: 0.88rem; overflow-wrap: normal; }
        th, td { padding: 8px 12px; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid); font-weight: 400; }
        tbody tr:last-child > * { border-bottom: 0; } tbody tr:nth-child(even) > * { background: var(--zebra); }
        thead th { font-size: 0.8rem; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: bottom; }
        tbody th { font-weight: 550; } tbody th code { font-weight: 400; } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .total > * { font-weight: 650; border-top: 1px solid var(--line); } .file td { color: var(--soft); font-size: 0.94em; } .file td:first-child { padding-left: 28px; }
        .shape { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .share { white-space: nowrap; font-variant-numeric: tabular-nums; } .share span { display: inline-block; min-width: 3.9em; text-align: right; }
        .card .scroll { border-radius: 6px; border-color: var(--grid); align-self: start; }
        table.sites { min-width: 980px; } table.sites :is(th, td) { padding-inline: 8px; } table.sites .shape { min-width: 9.5em; } table.sites code { font-size: 0.9em; } table.sites .rule { display: block; color: var(--soft); font-size: 0.82em; } table.sites tbody th { width: 24em; } table.rules { min-width: 820px; }
        table.metrics { min-width: 540px; } table.metrics :is(th, td) { padding-inline: 9px; } table.metrics thead th { white-space: normal; } table.metrics tbody th { min-width: 9.6em; max-width: 22em; overflow-wrap: anywhere; }
        .split { display: grid; gap: 18px 28px; grid-template-columns: minmax(0, 1fr); }
        @media (min-width: 940px) { .split { grid-template-columns: minmax(0, 400px) minmax(0, 1fr); } }
        .mark { font-weight: 600; font-size: 0.85em; white-space: nowrap; padding: 2px 8px; border-radius: 999px; background: var(--track); }
        .mark.good { color: var(--good); background: var(--good-back); } .mark.bad { color: var(--bad); background: var(--bad-back); }

        .chart { display: block; width: 100%; height: auto; font-size: 11px; } .chart text { fill: var(--ink); font-family: inherit; }
        .bars { max-width: 440px; } .line { max-width: 520px; margin: 0 auto; } .chart .tick { fill: var(--soft); font-size: 10px; } .chart .heading { font-weight: 600; } .chart .value { font-variant-numeric: tabular-nums; }
        .grid { stroke: var(--grid); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
        rect.teacher { fill: var(--teacher); } rect.ptq { fill: var(--ptq); } rect.student { fill: var(--student); } .track { fill: var(--track); }
        .series, .raw { fill: none; stroke: var(--student); stroke-width: 1.75; stroke-linejoin: round; } .raw { stroke-width: 1; opacity: 0.35; } .point { fill: var(--student); }
        path.before { fill: var(--teacher); } path.after { fill: var(--student); } .histogram .label { font-size: 10px; font-weight: 600; }
        .inline-bar { width: 60px; height: 8px; vertical-align: middle; border-radius: 2px; flex: none; }
        figcaption { font-size: 0.9rem; margin-bottom: 8px; line-height: 1.4; } .range { color: var(--soft); font-variant-numeric: tabular-nums; font-size: 0.92em; }
        .curves { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); }
        .histograms { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); margin-top: 12px; }
        .histograms .card { padding: 14px; } .histograms figcaption { min-height: 4.2em; } .histograms .range { display: block; }
        .curves .card, .histograms .card, .examples .card { margin-top: 0; }

        .examples { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); }
        .subject { display: flex; gap: 14px; align-items: flex-start; } .subject > div { min-width: 0; } .subject img { flex: none; border-radius: 6px; background: var(--track); } .pixelated { image-rendering: pixelated; }
        .expected { font-weight: 600; line-height: 1.35; } .origin { font-size: 0.78rem; color: var(--soft); margin-top: 4px; }
        .predictions { margin-top: 12px; padding-top: 10px; border-top: 1px solid var(--grid); } .model { display: flex; justify-content: space-between; gap: 8px; font-size: 0.88rem; align-items: baseline; }
        .predictions li { display: flex; gap: 10px; align-items: center; font-size: 0.86rem; margin-top: 4px; } .answer { flex: 1; min-width: 0; line-height: 1.3; } .score { width: 3.2em; text-align: right; font-variant-numeric: tabular-nums; color: var(--soft); }

        summary { cursor: pointer; padding: 8px 0; font-weight: 550; } .group { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 4px 16px; margin-top: 12px; }
        .group .group { border-color: var(--grid); border-radius: 8px; margin: 8px 0; padding: 2px 12px; } .group .scroll { margin: 4px 0 12px; border-radius: 6px; border-color: var(--grid); }
        .totals { display: inline-flex; flex-wrap: wrap; gap: 0 18px; color: var(--soft); font-weight: 400; font-size: 0.88rem; font-variant-numeric: tabular-nums; margin-left: 8px; }
        .environment { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; margin-top: 12px; }
        .environment > div { padding: 10px 16px; box-shadow: 1px 0 0 var(--line), 0 1px 0 var(--line); } .environment dt { font-size: 0.8rem; color: var(--soft); } .environment dd { font-size: 0.94rem; }
        pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; overflow-x: auto; margin: 8px 0 0; line-height: 1.5; white-space: pre; overflow-wrap: normal; }
        footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--line); font-size: 0.84rem; color: var(--soft); }

        @media (max-width: 520px) { .card { padding: 14px; } section { margin-top: 40px; } .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); } .figures > div { padding: 12px 14px; } .figures .big { font-size: 1.4rem; } .group { padding: 2px 10px; } th, td { padding: 7px 9px; } .totals { display: flex; margin-left: 0; } }
        @media (max-width: 640px) { .stack thead { display: none; } .stack tr { display: block; padding: 12px 14px; border-bottom: 1px solid var(--grid); } .stack tbody tr:last-child { border-bottom: 0; } .stack tbody tr > * { display: block; padding: 2px 0; border: 0; background: none; overflow-wrap: anywhere; } .histograms figcaption { min-height: 0; } }
        @media print { :root { color-scheme: light; --page: #ffffff; } body { font-size: 10.5pt; } .page { max-width: none; padding: 0; } nav, .skip { display: none; } section { margin-top: 24px; } .card, .figures, tr { break-inside: avoid; } h2, h3, .intro, summary { break-after: avoid; } .figures { grid-template-columns: repeat(3, 1fr); } .scroll, pre { overflow: visible; } table.sites, table.rules { min-width: 0; font-size: 7.5pt; } pre { white-space: pre-wrap; } details:not(.every)::details-content { content-visibility: visible; display: block; block-size: auto; } }
        """;
}
