/// The program of the HTML rendering: it hands each figure to plotly.js in the colours of the page, and
/// redraws when a choice, the colour scheme or the width changes.
enum HTMLScript {
    static let program = #"""
        (() => {
          "use strict";
          const payload = JSON.parse(document.getElementById("report-data").textContent);
          const dark = window.matchMedia("(prefers-color-scheme: dark)");
          const narrow = window.matchMedia("(max-width: 640px)");
          const touch = window.matchMedia("(pointer: coarse)");

          function themeColours() {
            const style = getComputedStyle(document.documentElement);
            const names = ["page", "card", "ink", "muted", "line", "grid", "accent"];
            return Object.fromEntries(names.map(name => [name, style.getPropertyValue("--" + name).trim()]));
          }

          // plotly.js writes into what it is given, so every drawing starts from a fresh copy.
          function resolved(value, theme) {
            if (Array.isArray(value)) return value.map(element => resolved(element, theme));
            if (value === null || typeof value !== "object") return value;
            if ("$array" in value) return payload.arrays[value.$array];
            if ("$theme" in value) return theme[value.$theme];
            return Object.fromEntries(Object.entries(value).map(([key, member]) => [key,
                resolved(member, theme)]));
          }

          function merged(base, over) {
            const result = { ...base };
            for (const [key, value] of Object.entries(over)) {
              const both = [base[key], value].every(v => v !== null && typeof v === "object" &&
              !Array.isArray(v));
              result[key] = both ? merged(base[key], value) : value;
            }
            return result;
          }

          function completedLayout(figure, traces, theme, legendHeight) {
            const small = narrow.matches;
            const layout = resolved(figure.layout, theme);
            const axis = {
              automargin: true, gridcolor: theme.grid, linecolor: theme.line, zerolinecolor: theme.line,
              tickcolor: theme.line, ticks: "outside", ticklen: 4, title: { standoff: 10 },
              fixedrange: touch.matches, tickfont: { color: theme.muted }, separatethousands: true,
            };
            // Dates as they are written in the rest of the report.
            const calendar = { tickformatstops: [
              { dtickrange: [null, 3600000 * 23], value: "%H:%M\n%-d %b" },
              { dtickrange: [3600000 * 23, null], value: "%-d %b\n%Y" },
            ] };
            for (const key of Object.keys(layout)) {
              if (!/^[xy]axis\d*$/.test(key)) continue;
              layout[key] = merged(layout[key].type === "date" ? merged(axis, calendar) : axis, layout[key]);
            }
            const named = traces.filter(trace => trace.showlegend !== false && trace.name);
            return merged({
              autosize: true, height: (small ? Math.min(figure.height, 380) : figure.height) + legendHeight,
              margin: { l: small ? 44 : 60, r: small ? 10 : 20, t: Math.max(legendHeight + 12, small ? 12 :
              36), b: small ? 44 : 52 },
              paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
              font: { family: getComputedStyle(document.body).fontFamily, size: small ? 11 : 12.5, color:
              theme.ink },
              hoverlabel: { bgcolor: theme.card, bordercolor: theme.line, font: { color: theme.ink, size: 12
              }, namelength: -1 },
              legend: {
                orientation: "h", x: 0, xanchor: "left", xref: "container", y: 1, yanchor: "top", yref:
                "container",
                bgcolor: "rgba(0,0,0,0)", traceorder: "normal",
              },
              modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.muted, activecolor: theme.accent },
              showlegend: named.length > 1, dragmode: touch.matches ? false : "zoom",
            }, layout);
          }

          const config = () => ({
            displaylogo: false, displayModeBar: touch.matches || narrow.matches ? false : "hover",
            // Named, because the default buttons include one that sends the data to a server.
            modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]], showSendToCloud: false,
            plotlyServerURL: "",
          });

          class PlotCard {
            constructor(card) {
              this.plot = payload.plots[Number(card.dataset.plot)];
              this.area = card.querySelector(".plot");
              this.choices = card.querySelector(".choices");
              const figures = this.plot.figures;
              this.figure = figures.find(figure => figure.isPreferred) ?? figures[0];
              this.makeChoices();
            }

            // The options left at one level once the levels above are chosen.
            optionsAt(level) {
              const chosen = this.figure.options.slice(0, level);
              const open = this.plot.figures.filter(f => chosen.every((option, i) => f.options[i] ===
              option));
              return [...new Set(open.map(f => f.options[level]))];
            }

            makeChoices() {
              this.choices.replaceChildren(...this.plot.choices.flatMap((name, level) => {
                const options = this.optionsAt(level);
                // The first level offers the same options always; with one there is nothing to choose.
                if (level === 0 && options.length < 2) return [];
                const label = document.createElement("label");
                const select = document.createElement("select");
                for (const option of options) select.add(new Option(option, option));
                select.value = this.figure.options[level];
                select.addEventListener("change", () => this.choose(level, select.value));
                label.append(name, select);
                return [label];
              }));
            }

            // Keeps the choices below where they are still on offer.
            choose(level, option) {
              const wanted = [...this.figure.options];
              wanted[level] = option;
              const open = this.plot.figures.filter(f => f.options.slice(0, level + 1).every((o, i) => o ===
              wanted[i]));
              this.figure = open.find(f => f.options.every((o, i) => o === wanted[i]))
                ?? open.find(f => f.isPreferred) ?? open[0];
              this.makeChoices();
              this.choices.querySelectorAll("select")[level]?.focus();
              this.draw();
            }

            draw() {
              this.width = this.area.clientWidth;
              const figure = this.figure;
              const theme = themeColours();
              const traces = resolved(figure.traces, theme);
              const drawn = legendHeight => Plotly.react(
                this.area, traces, completedLayout(figure, traces, theme, legendHeight), config());
              // Only plotly.js knows how its legend wraps; what the legend takes is added to the height.
              const assumed = 24;
              return drawn(assumed).then(() => {
                const legend = this.area.querySelector("g.legend .bg");
                const height = legend ? Math.ceil(legend.getBoundingClientRect().height) : 0;
                if (figure === this.figure && Math.abs(height - assumed) > 4) return drawn(height);
              });
            }
          }

          const cards = [...document.querySelectorAll("[data-plot]")].map(card => new PlotCard(card));
          // One figure per turn of the event loop, so that the text above can be read meanwhile.
          function drawFrom(index) {
            if (index >= cards.length) return;
            cards[index].draw().then(() => setTimeout(() => drawFrom(index + 1), 0));
          }
          drawFrom(0);
          dark.addEventListener("change", () => drawFrom(0));
          // A new width moves legends and margins too, so the figure is drawn anew instead of stretched.
          function drawResized() {
            for (const card of cards) {
              if (card.width !== undefined && card.width !== card.area.clientWidth) card.draw();
            }
          }
          // In the next frame, because drawing inside the notification would change sizes again.
          const observer = new ResizeObserver(() => requestAnimationFrame(drawResized));
          for (const card of cards) observer.observe(card.area);
        })();
        """#
}
