/** How the page looks: one column that fits a phone, dark text on white, and nothing said by colour alone. */

export const style = `
:root { color-scheme: light; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; color: #1a1a1a; background: #fff; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 1.2rem 0 .3rem; }
h2 { font-size: 1.25rem; margin: 0 0 .6rem; }
section { border-top: 1px solid #bbb; margin-top: 1.8rem; padding-top: 1rem; scroll-margin-top: .5rem; }
a { color: #004b8d; }
:focus-visible { outline: 3px solid #0072b2; outline-offset: 2px; }
.skip { position: absolute; left: -100vw; background: #fff; padding: .5rem; z-index: 2; }
.skip:focus { left: .5rem; top: .5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; margin: .6rem 0 0; padding: 0; }
nav a { display: inline-block; padding: .3rem 0; }
.warning { border-left: .3rem solid #1a1a1a; background: #f3f3f3; margin: .6rem 0; padding: .5rem .8rem; }
.note { color: #444; font-size: .9rem; margin: .3rem 0; }
figure { margin: 0 0 1.2rem; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
.chart { width: 100%; min-height: 21rem; overflow: hidden; }
.chart svg { display: block; max-width: 100%; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; margin: .4rem 0; padding: 0; font-size: .9rem; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.legend svg { flex: none; }
details { margin: .4rem 0; }
summary { cursor: pointer; padding: .3rem 0; }
.many { max-height: 70vh; overflow: auto; border: 1px solid #ccc; padding: 0 .8rem; }
.many .legend { flex-direction: column; }
pre { background: #f5f5f5; border: 1px solid #ddd; font-size: .8rem; overflow: auto; padding: .6rem; white-space: pre-wrap; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .1rem 1rem; font-size: .85rem; }
dt { font-weight: 600; }
dd { margin: 0; }
.scroll { overflow: auto; max-height: 70vh; border: 1px solid #ccc; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .55rem; text-align: left; white-space: nowrap; overflow-wrap: normal; }
.number { text-align: right; }
thead th { background: #f0f0f0; position: sticky; top: 0; z-index: 1; vertical-align: bottom; }
tbody th { background: #fff; border-right: 1px solid #ddd; font-weight: 500; left: 0; min-width: 8rem; overflow-wrap: anywhere; position: sticky; white-space: normal; }
tr.failed { color: #555; font-style: italic; }
thead button { all: unset; cursor: pointer; display: inline-block; min-height: 1.6rem; }
thead button:focus-visible { outline: 3px solid #0072b2; }
[aria-sort='ascending'] button::after { content: ' ▲'; }
[aria-sort='descending'] button::after { content: ' ▼'; }
.filters, .controls { display: flex; flex-wrap: wrap; align-items: end; gap: .6rem 1.2rem; margin: 0 0 .8rem; }
label { display: flex; flex-direction: column; font-size: .9rem; gap: .2rem; }
label.wide { flex: 1 1 18rem; }
input, select { font: inherit; min-height: 2.6rem; max-width: 100%; padding: .2rem .5rem; }
select { text-overflow: ellipsis; background: #fff; border: 1px solid #666; border-radius: .3rem; }
input[type='search'] { border: 1px solid #666; border-radius: .3rem; }
input[type='range'] { accent-color: #0072b2; padding: 0; width: 100%; }
output { font-size: .9rem; }
.controls output { flex-basis: 100%; min-height: 3em; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: .5rem; list-style: none; margin: 0; padding: 0; }
.pairs li { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; border: 1px solid #ccc; padding: 3px; }
.pairs img { display: block; width: 100%; image-rendering: pixelated; }
.choice > label { align-items: start; margin-bottom: .8rem; }
#vg-tooltip-element { background: #fff; border: 1px solid #666; font-size: .85rem; padding: .4rem .6rem; pointer-events: none; position: fixed; visibility: hidden; z-index: 3; }
#vg-tooltip-element.visible { visibility: visible; }
#vg-tooltip-element td.key { color: #444; text-align: right; }
#vg-tooltip-element table { width: auto; }
@media (max-width: 40rem) { body { padding: 0 .75rem 3rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { .filters, .controls, nav, .skip { display: none; } .scroll { max-height: none; overflow: visible; } }
`;
