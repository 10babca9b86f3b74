/// The style sheet of the HTML rendering: light or dark as the reader's system is set, legible on a phone.
enum HTMLStyle {
    static let sheet = """
        :root {
          color-scheme: light dark;
          --page: #f6f7f9; --card: #ffffff; --ink: #18202b; --muted: #5c6878; --line: #d9dee6;
          --grid: #e8ebf0; --accent: #2563eb; --stripe: #f9fafc;
          --good: #14734a; --good-back: #e2f4ea; --bad: #a8261b; --bad-back: #fdeae7;
          --caution: #8a5a00; --caution-back: #fdf3dc; --neutral-back: #edf0f5;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #0e1319; --card: #161d26; --ink: #e4e9f0; --muted: #98a4b5; --line: #303a48;
            --grid: #252e3a; --accent: #7aa7ff; --stripe: #1a222c;
            --good: #6fd3a2; --good-back: #14362a; --bad: #ff9a8d; --bad-back: #43201d;
            --caution: #f0c264; --caution-back: #3b2f14; --neutral-back: #242e3b;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; scroll-padding-top: 3.5rem; }
        body {
          margin: 0; background: var(--page); color: var(--ink);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
        }
        header, main, footer { max-width: 77rem; margin: 0 auto; padding: 0 1.5rem; }
        header { padding-top: 2.5rem; }
        h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 0.75rem; }
        h2 { font-size: 1.4rem; line-height: 1.25; letter-spacing: -0.01em; margin: 3rem 0 0.75rem; }
        h3 { font-size: 1rem; line-height: 1.35; margin: 0; }
        p { max-width: 46rem; margin: 0.75rem 0; overflow-wrap: anywhere; }
        nav {
          position: sticky; top: 0; z-index: 20; margin-top: 1.5rem; background: var(--page);
          border-bottom: 1px solid var(--line);
        }
        nav ul {
          display: flex; gap: 1.5rem; max-width: 77rem; margin: 0 auto; padding: 0.65rem 1.5rem;
          list-style: none; overflow-x: auto; scrollbar-width: none; white-space: nowrap;
        }
        nav a { color: var(--muted); font-size: 0.9rem; text-decoration: none; }
        nav a:hover, nav a:focus-visible { color: var(--accent); text-decoration: underline; }
        .remark { color: var(--muted); font-size: 0.92rem; border-left: 3px solid var(--line); padding-left: \
        0.9rem; }
        .warning {
          max-width: none; color: var(--bad); background: var(--bad-back); border-radius: 8px;
          padding: 0.75rem 1rem; font-weight: 600;
        }
        .headlines {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem;
          margin: 1.25rem 0; padding: 0;
        }
        .headlines div {
          display: flex; flex-direction: column; background: var(--card); border: 1px solid var(--line);
          border-radius: 10px; padding: 0.9rem 1rem;
        }
        .headlines dd {
          order: -1; margin: 0; font-size: 1.7rem; line-height: 1.2; font-weight: 650; letter-spacing: \
          -0.02em;
          font-variant-numeric: tabular-nums;
        }
        .headlines dt { color: var(--muted); font-size: 0.87rem; line-height: 1.4; margin-top: 0.3rem; }
        .card {
          background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 1.25rem 0;
          padding: 1rem 1.1rem;
        }
        .card figcaption { color: var(--muted); font-size: 0.87rem; margin-top: 0.35rem; max-width: 52rem; }
        .bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1.25rem; margin-bottom: \
        0.5rem; }
        .bar h3 { margin-right: auto; }
        .choices { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; }
        .choices label { color: var(--muted); font-size: 0.87rem; }
        .choices select {
          font: inherit; font-size: 0.87rem; max-width: 100%; margin-left: 0.35rem; padding: 0.3rem 0.45rem;
          color: var(--ink); background: var(--page); border: 1px solid var(--line); border-radius: 6px;
        }
        .plot { width: 100%; min-height: 12rem; overflow: hidden; }
        .scroll { overflow: auto; -webkit-overflow-scrolling: touch; }
        .tall .scroll { max-height: 38rem; }
        .card.grid { padding: 0; overflow: hidden; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .scroll:focus-visible { outline-offset: -2px; border-radius: 10px; }
        table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 14px; line-height: \
        20px; }
        caption { text-align: left; padding: 0.9rem 1.1rem 0.6rem; }
        caption span { position: sticky; left: 1.1rem; display: inline-block; font-weight: 650; }
        th, td { padding: 7px 10px; text-align: left; white-space: nowrap; }
        td.long { white-space: normal; min-width: 15rem; }
        th:first-child, td:first-child { padding-left: 1.1rem; }
        th:last-child, td:last-child { padding-right: 1.1rem; }
        thead th {
          position: sticky; top: 0; z-index: 2; vertical-align: bottom; white-space: normal; font-weight: 600;
          color: var(--muted); background: var(--card); border-bottom: 1px solid var(--line);
        }
        tbody th { font-weight: 600; background: var(--card); }
        tbody th:first-child { position: sticky; left: 0; z-index: 1; }
        thead th:first-child { left: 0; z-index: 3; }
        tbody tr + tr > * { border-top: 1px solid var(--grid); }
        tbody tr:hover > * { background: var(--stripe); }
        .everywhere { color: var(--muted); font-size: 0.87rem; padding: 0.5rem 1.1rem 0.8rem; margin: 0; \
        max-width: none; border-top: 1px solid var(--grid); }
        .n { text-align: right; font-variant-numeric: tabular-nums; }
        .unit { display: block; font-weight: 400; }
        .absent { color: var(--muted); }
        .negative { color: var(--bad); }
        .tag {
          display: inline-block; border-radius: 999px; padding: 0.05rem 0.55rem; font-size: 0.8rem;
          background: var(--neutral-back); color: var(--ink);
        }
        .tag.good { background: var(--good-back); color: var(--good); }
        .tag.caution { background: var(--caution-back); color: var(--caution); }
        .tag.bad { background: var(--bad-back); color: var(--bad); }
        footer {
          margin-top: 3.5rem; padding-top: 1.25rem; padding-bottom: 3rem; border-top: 1px solid var(--line);
          color: var(--muted); font-size: 0.87rem;
        }
        footer h2 { font-size: 1rem; margin: 0 0 0.5rem; color: var(--ink); }
        footer p { max-width: 60rem; margin: 0.4rem 0; }
        footer dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.2rem 1rem; \
        margin: 0.75rem 0 0; }
        footer dt { color: var(--ink); }
        footer dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        @media (max-width: 640px) {
          body { font-size: 15.5px; }
          header, main, footer { padding-left: 0.9rem; padding-right: 0.9rem; }
          header { padding-top: 1.5rem; }
          h1 { font-size: 1.55rem; }
          h2 { font-size: 1.2rem; margin-top: 2.25rem; }
          nav ul { padding: 0.6rem 0.9rem; gap: 1.1rem; }
          .headlines { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.6rem; }
          .headlines div { padding: 0.7rem 0.8rem; }
          .headlines dd { font-size: 1.3rem; }
          .card { padding: 0.75rem 0.6rem; margin: 1rem 0; }
          .card.grid { padding: 0; }
          .card figcaption, .bar { padding: 0 0.25rem; }
          .choices label { display: block; }
          footer dl { grid-template-columns: 1fr; gap: 0; }
          footer dd { margin-bottom: 0.5rem; }
          th, td { padding: 6px 9px; }
          th:first-child, td:first-child { padding-left: 0.8rem; }
          .everywhere { padding: 0.45rem 0.8rem 0.7rem; }
          caption { padding: 0.8rem 0.8rem 0.5rem; }
          caption span { left: 0.8rem; max-width: calc(100vw - 3.6rem); }
        }
        @media print {
          nav { display: none; }
          body { background: #ffffff; }
          .scroll, .tall .scroll { overflow: visible; max-height: none; }
          .card { break-inside: avoid; }
        }
        """
}
