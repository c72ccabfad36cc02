/// What every page has: head, style and script. Nothing of a report stands in either.
enum HTMLPage {
    /// `script-src` of the page's content security policy: the digest of `script`, so that nothing else runs even if it
    /// came into the page.
    static let scriptDigest = "jHDtLEuGPsDJguv//4A9bgEfE3gqcBjxjQjmmBLlQpU="

    static func document(title: String, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
        script-src 'sha256-\(scriptDigest)'; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="referrer" content="no-referrer">
        <title>\(HTML.escape(title))</title>
        <style>
        \(style)
        </style>
        </head>
        <body>
        \(body)<script>\(script)</script>
        </body>
        </html>

        """
    }

    static let style = """
        :root { --page: #f6f7f9; --card: #fff; --text: #1b1f24; --muted: #5a6472; --line: #dde1e6; --accent: #2563c9;
          --good: #1a7f4b; --fair: #b26a00; --bad: #c4342b; --idle: #8a94a3; --reserved: #a9b2be;
          --other: #c3c9d1; --track: #e6e9ee; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #12151a; --card: #1b2027; --text: #e6e9ee; --muted: #a0aab8; --line: #323943; --accent: #7fb0ff;
            --good: #4cc38a; --fair: #e5a13d; --bad: #ff7a70; --idle: #77818f; --reserved: #626c79;
            --other: #4d5663; --track: #2c333d; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 80rem; padding: 1.5rem; background: var(--page); color: var(--text);
          font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif; }
        h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
        p { margin: .25rem 0; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1.25rem;
          margin: 1rem 0; }
        .muted { color: var(--muted); overflow-wrap: anywhere; }
        .warning { color: var(--fair); }
        .gauges { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: center; margin-bottom: 1rem; }
        .facts { flex: 1 1 20rem; }
        .ring { width: 9rem; height: 9rem; flex: none; }
        .ring circle { fill: none; stroke-width: 4; }
        .ring .track { stroke: var(--track); }
        .ring .good { stroke: var(--good); } .ring .fair { stroke: var(--fair); } .ring .bad { stroke: var(--bad); }
        .ring text { text-anchor: middle; fill: var(--text); }
        .ring .figure { font-size: 7px; font-weight: 600; } .ring .unit { font-size: 3.2px; fill: var(--muted); }
        rect.good { fill: var(--good); } rect.fair { fill: var(--fair); } rect.bad { fill: var(--bad); }
        rect.idle { fill: var(--idle); } rect.reserved { fill: var(--reserved); }
        rect.other { fill: var(--other); } rect.track { fill: var(--track); }
        rect.fill { fill: var(--accent); }
        .stack { display: block; width: 100%; height: 1.25rem; border-radius: 4px; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 1rem; padding: 0; }
        .legend svg { width: .75rem; height: .75rem; margin-right: .4rem; }
        .bar { width: 4.5rem; height: .45rem; margin-right: .6rem; vertical-align: middle; border-radius: 2px; }
        .scroll { overflow-x: auto; position: relative; }
        .scroll:focus-visible { outline: 2px solid var(--accent); }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--muted); padding-bottom: .25rem; }
        caption.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); }
        th { font-weight: 500; } thead th { color: var(--muted); border-top: 0; white-space: nowrap; }
        tbody th, .name { overflow-wrap: anywhere; min-width: 9rem; } .name { min-width: 15rem; }
        .share { display: inline-block; min-width: 3.6em; }
        .n { text-align: right; white-space: nowrap; } .reserved { color: var(--muted); }
        tfoot th, tfoot td { font-weight: 700; border-top: 2px solid var(--line); }
        thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
        thead button:hover { color: var(--text); text-decoration: underline; }
        th[aria-sort=ascending] button::after { content: " \\25B2"; }
        th[aria-sort=descending] button::after { content: " \\25BC"; }
        .tag { border: 1px solid; border-radius: 1rem; padding: 0 .5rem; font-size: .85em; }
        .tag.required { color: var(--bad); } .tag.recommended { color: var(--fair); }
        summary { cursor: pointer; overflow-wrap: anywhere; }
        section > details { margin-bottom: .75rem; } section > details > summary { font-weight: 600; }
        td details { min-width: 16rem; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--page); border: 1px solid var(--line);
          border-radius: 6px; padding: .5rem .75rem; margin: .4rem 0; font-size: .88em; }
        li { overflow-wrap: anywhere; } ol > li { margin-bottom: .75rem; }
        .filters { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-bottom: .75rem; }
        .filters[hidden] { display: none; }
        .filters input, .filters select { font: inherit; color: inherit; background: var(--page); padding: .2rem .5rem;
          border: 1px solid var(--line); border-radius: 6px; }
        .filters output { color: var(--muted); }
        @media (max-width: 40rem) { body { padding: .75rem; font-size: 14px; } section { padding: .9rem; }
          .ring { width: 7rem; height: 7rem; } .bar { display: none; } }
        @media print {
          :root { --page: #fff; --card: #fff; --text: #000; --muted: #444; --line: #bbb; --accent: #2563c9; --good: #1a7f4b;
            --fair: #b26a00; --bad: #c4342b; --idle: #8a94a3; --reserved: #a9b2be; --other: #c3c9d1; --track: #e6e9ee; }
          body { max-width: none; padding: 0; font-size: 9.5pt; } section { border: 0; padding: 0; margin: 1.2em 0; }
          .filters, .filters[hidden] { display: none; } .scroll { overflow: visible; } .bar { width: 2.5rem; }
          tr, li, svg { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; }
          tfoot { display: table-row-group; }
          /* What is folded on a screen is open on paper. */
          details::details-content { content-visibility: visible; block-size: auto; opacity: 1; }
          td details { min-width: 0; } .name { min-width: 9rem; }
        }
        """

    /// Sorts tables by a click on a heading, and filters the findings. What it reads, it reads as text.
    static let script = """
        (function () {
          "use strict";
          function value(cell, numeric) {
            var text = cell ? cell.dataset.value || cell.textContent.trim() : "";
            if (!numeric) { return text.toLowerCase(); }
            var number = parseFloat(text.replace(/[^0-9.eE-]/g, ""));
            return isNaN(number) ? -1 : text.charAt(0) === "<" ? number / 2 : number;
          }
          function sort(table, index, numeric, up) {
            var body = table.tBodies[0];
            var rows = Array.from(body.rows).map(function (row, place) {
              return { row: row, key: value(row.cells[index], numeric), place: place };
            });
            rows.sort(function (a, b) {
              var order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
              return order === 0 ? a.place - b.place : up ? order : -order;
            });
            rows.forEach(function (entry) { body.appendChild(entry.row); });
          }
          document.querySelectorAll("table.sortable").forEach(function (table) {
            Array.from(table.tHead.rows[0].cells).forEach(function (head, index) {
              var button = document.createElement("button");
              var numeric = head.classList.contains("n");
              button.type = "button";
              button.textContent = head.textContent;
              head.textContent = "";
              head.appendChild(button);
              button.addEventListener("click", function () {
                var was = head.getAttribute("aria-sort");
                var up = was ? was === "descending" : !numeric;
                Array.from(table.tHead.rows[0].cells).forEach(function (other) { other.removeAttribute("aria-sort"); });
                head.setAttribute("aria-sort", up ? "ascending" : "descending");
                sort(table, index, numeric, up);
              });
            });
          });
          var form = document.querySelector("form.filters");
          if (!form) { return; }
          var rows = Array.from(document.getElementById("finding-table").tBodies[0].rows).map(function (row) {
            return { row: row, text: row.textContent.toLowerCase() };
          });
          function filter() {
            var text = form.elements.text.value.trim().toLowerCase();
            var level = form.elements.level.value;
            var problem = form.elements.problem.value;
            var shown = 0;
            rows.forEach(function (entry) {
              var data = entry.row.dataset;
              var fits = (!level || data.level === level) && (!problem || data.problem === problem)
                && entry.text.indexOf(text) >= 0;
              entry.row.hidden = !fits;
              if (fits) { shown += 1; }
            });
            form.querySelector("output").textContent = shown + " of " + rows.length;
          }
          form.addEventListener("input", filter);
          form.addEventListener("submit", function (event) { event.preventDefault(); });
          form.hidden = false;
          filter();
        })();
        """
}
