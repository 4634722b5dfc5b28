/**
 * The page's style sheet: light, dark and print, wide and narrow, from one set of variables. The
 * hues are those that colour-blind readers tell apart (Okabe and Ito, "Color Universal Design",
 * 2008): blue good, yellow-orange partial, vermilion failed. Nothing is fetched.
 */
export const styleSheet = `
:root{color-scheme:light dark;--page:#f6f7f9;--paper:#fff;--ink:#16202b;--muted:#566371;--edge:#d8dee5;--soft:#eef1f5;
--good:#0072b2;--partial:#d98b00;--failed:#c8420a;--undo:#00785c;--step:#6b3fa0;--doubt:.38;--on:#fff;--floating:#9c2f72;
--confirmed:#0a6b52;--confirmed-soft:#dff3ec;--contradicted:#a83400;--contradicted-soft:#fdeae1;--undetermined:#4a5563;--undetermined-soft:#e9edf1;--invalid:#7b1fa2;--invalid-soft:#f4e6f9}
@media (prefers-color-scheme:dark){:root{--page:#0f141a;--paper:#171e26;--ink:#e7ecf1;--muted:#9dabb9;--edge:#303b47;--soft:#202933;
--good:#56b4e9;--partial:#f0b429;--failed:#ff7b3d;--undo:#35c9a0;--step:#c3a1f0;--doubt:.42;--on:#10151b;--floating:#ee9ccb;
--confirmed:#5fd6b0;--confirmed-soft:#12352b;--contradicted:#ff9a66;--contradicted-soft:#42210f;--undetermined:#b4c0cc;--undetermined-soft:#28323d;--invalid:#dfa6f2;--invalid-soft:#3a1d45}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;-webkit-text-size-adjust:100%}
main,header,footer{max-width:1160px;margin:0 auto;padding:0 20px}
header{padding-top:36px}
h1{font-size:clamp(1.45rem,1rem + 1.9vw,2.15rem);line-height:1.24;margin:14px 0 10px;letter-spacing:-.012em;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:1.24rem;line-height:1.3;margin:0 0 12px;display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center}
h3{font-size:1.02rem;margin:20px 0 6px}
p{margin:0 0 10px}
.muted{color:var(--muted)}.below{margin-top:12px}small{font-size:.84em}code{font:.88em/1.4 ui-monospace,"SFMono-Regular",Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
.whole{white-space:nowrap}
.eyebrow{color:var(--muted);font-size:.92rem;margin:0}
.badges{display:flex;flex-wrap:wrap;gap:8px;margin:14px 0 0}
.badge{display:inline-block;padding:4px 12px;border-radius:6px;font-weight:650;font-size:.9rem;border:2px solid currentColor}
.badge.MEASURED{background:var(--ink);color:var(--paper);border-color:var(--ink)}
.badge.SIMULATED{color:var(--invalid);background:repeating-linear-gradient(135deg,var(--invalid-soft) 0 8px,var(--paper) 8px 16px);border-style:dashed}
.badge.pace{color:var(--contradicted);background:var(--contradicted-soft)}
.tag{font-size:.72rem;font-weight:600;padding:1px 8px;border-radius:99px;border:1px solid currentColor;color:var(--muted)}
.tag.SIMULATED{color:var(--invalid);border-style:dashed}.tag.pace{color:var(--contradicted)}
.pill{display:inline-block;white-space:nowrap;font-weight:650;font-size:.88rem;padding:1px 10px;border-radius:99px;border:1.5px solid currentColor}
.confirmed{color:var(--confirmed);background:var(--confirmed-soft)}.contradicted{color:var(--contradicted);background:var(--contradicted-soft)}
.undetermined{color:var(--undetermined);background:var(--undetermined-soft);border-style:dashed}.invalid{color:var(--invalid);background:var(--invalid-soft);border-style:double}
.big.pill{font-size:1rem;padding:4px 14px}
.differs{color:var(--contradicted);font-weight:700}.same{font-weight:600}
section{background:var(--paper);border:1px solid var(--edge);border-radius:12px;padding:20px 22px;margin:0 0 18px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:18px 0;padding:0;list-style:none}
.tiles li{background:var(--paper);border:1px solid var(--edge);border-radius:12px;padding:12px 16px}
.tiles b{display:block;font-size:1.22rem;line-height:1.3;font-variant-numeric:tabular-nums}
.tiles span{color:var(--muted);font-size:.86rem;display:block}
.alert{border-left:5px solid var(--contradicted)}
svg{display:block;font-family:inherit}svg.wide,svg.narrow{width:100%;height:auto}svg.narrow{display:none}
svg text{fill:var(--ink);font-size:13px}svg .small{font-size:11.5px}svg .muted{fill:var(--muted)}svg .strong{font-weight:650}svg .value{font-weight:600;font-variant-numeric:tabular-nums}
.phase{fill:var(--soft)}.phase-1{fill:var(--edge);opacity:.55}
.lane{fill:none}.lane.good{stroke:var(--good)}.lane.partial{stroke:var(--partial)}.lane.failed{stroke:var(--failed)}
.lane-edge{stroke:var(--edge);stroke-width:1}svg .lane-name{font-size:12.5px}svg.narrow .lane-name{paint-order:stroke;stroke:var(--soft);stroke-width:5px;font-size:11.5px}.hover{fill:transparent}.hover:hover{fill:var(--ink);fill-opacity:.14}
.mark-line{stroke-width:1.5;stroke-dasharray:5 3;fill:none}.fault .mark-line{stroke:var(--failed)}.undo .mark-line{stroke:var(--undo)}
.fault .mark-tip{fill:var(--failed)}.undo .mark-tip{fill:var(--undo)}svg .mark-text{font-weight:650;font-size:12px}.fault .mark-text{fill:var(--failed)}.undo .mark-text{fill:var(--undo)}
.step circle{fill:var(--step)}svg .step text{fill:var(--on);font-size:11px;font-weight:700}.step-line{stroke:var(--step);stroke-width:1;opacity:.35}
.axis path,.grid{stroke:var(--edge);stroke-width:1;fill:none}
.bar{fill:var(--good)}.bar.outage{fill:var(--failed)}.bar.waterfall{fill:var(--step)}.bar.model{fill:var(--muted)}
.bar-doubt{fill:var(--good);opacity:var(--doubt)}.bar-doubt.outage{fill:var(--failed)}.bar-doubt.model{fill:var(--muted)}
.chain.waiting rect{fill:var(--partial)}.chain.work rect{fill:var(--muted)}.chain.link-1 rect{opacity:.72}.chain rect{stroke:var(--paper);stroke-width:1}svg .chain-text{fill:var(--on);font-weight:600;font-size:12px}
.held{fill:var(--failed);opacity:.07}
.tenure.owner-0{fill:var(--floating)}.tenure.owner-1{fill:var(--paper);stroke:var(--floating);stroke-width:1.5}.tenure.nobody{fill:var(--failed)}.tenure.several{fill:var(--partial)}
svg .tenure-text{font-weight:600}svg .tenure-text.owner-0,svg .tenure-text.nobody,svg .tenure-text.several{fill:var(--on)}svg .tenure-text.owner-1{fill:var(--floating)}
.site rect{fill:var(--soft);stroke:var(--edge);stroke-width:1.5}svg .site-name{font-weight:650}
.node .frame{fill:var(--paper);stroke:var(--muted);stroke-width:1.3}.node.control-plane .frame{stroke:var(--good);stroke-width:2}.node.drained .frame{fill:var(--soft)}
.node.hit .frame{stroke:var(--failed);stroke-width:3.5;stroke-dasharray:8 4}svg .hit-text{fill:var(--failed);font-weight:700}svg .restored-text{fill:var(--undo);font-weight:700}
svg .badge-text{font-weight:600}.line-holder rect{fill:var(--floating)}.line-holder .badge-text{fill:var(--on)}.line-later rect{fill:none;stroke:var(--floating);stroke-width:1.4;stroke-dasharray:4 3}.line-later .badge-text{fill:var(--floating)}
.line-announcer rect{fill:none;stroke:var(--edge)}.line-announcer .badge-text{fill:var(--muted);font-weight:400}.line-registry rect,.line-volume rect{fill:var(--soft);stroke:var(--edge)}
.panel .frame{fill:var(--paper);stroke:var(--muted);stroke-width:1.2}.panel.api .frame{stroke:var(--good)}.panel.workload .frame{stroke:var(--undo)}.panel.floating .frame{stroke:var(--floating);stroke-width:2}
.port rect{fill:var(--soft);stroke:var(--edge)}.port.down rect{fill:none;stroke:var(--failed);stroke-width:1.6;stroke-dasharray:5 4}svg .said{font-weight:600;fill:var(--floating)}
.link{fill:none;stroke-width:1.8}.link.api{stroke:var(--good)}.link.workload{stroke:var(--undo);stroke-dasharray:6 4}.link.holder{stroke:var(--floating);stroke-width:2.2}.link.later{stroke-dasharray:7 5}
.site-link .line{fill:none;stroke:var(--failed);stroke-width:2.4}.site-link.loss .line{stroke-dasharray:2 6;stroke-linecap:round}.site-link.delay .line{stroke-dasharray:14 6}
.site-link .hole,.site-link .behind{fill:var(--paper)}.site-link .cross{stroke:var(--failed);stroke-width:2.6;fill:none}.site-link .tip{fill:var(--failed)}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;list-style:none;margin:10px 0 14px;padding:0;font-size:.88rem}.legend li{display:flex;gap:6px;align-items:center}
table{border-collapse:collapse;width:100%;font-size:.92rem;margin:0 0 8px}
caption{text-align:left;color:var(--muted);font-size:.88rem;padding:0 0 6px}
th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-top:1px solid var(--edge);overflow-wrap:anywhere}
thead th{border-top:0;font-size:.82rem;color:var(--muted);font-weight:600;padding-top:0;overflow-wrap:normal}tbody th{font-weight:500}tbody th small{font-weight:400}
td ul{margin:0;padding:0;list-style:none}td{font-variant-numeric:tabular-nums}
.claims th:first-child{width:23%}.claims td:nth-child(2){width:9.5em}.vantages th:first-child{width:24%}.invariants th:first-child{width:11em}.invariants td:nth-child(2){width:11em}.steps th:first-child{width:14em}.steps td:nth-child(2){width:9em}
.number{display:inline-block;min-width:1.75em;padding:1px 0;text-align:center;border-radius:99px;background:var(--step);color:var(--on);font-size:.78rem;font-weight:700}
.card{border-top:1px solid var(--edge)}.card:first-of-type{border:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:5px 18px;margin:0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.columns{margin-top:22px;display:grid;grid-template-columns:1fr 1fr;gap:8px 36px}.columns>*{min-width:0}
ul.plain{margin:0;padding-left:1.2em}
pre{background:var(--soft);border:1px solid var(--edge);border-radius:8px;padding:12px 14px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 10px}
details>summary{cursor:pointer;font-weight:600;padding:4px 0}
footer{color:var(--muted);font-size:.85rem;padding-bottom:40px}
@media (max-width:700px){main,header,footer{padding-left:12px;padding-right:12px}header{padding-top:20px}section{padding:16px 13px;border-radius:10px}
svg.wide{display:none}svg.narrow{display:block}.columns{grid-template-columns:1fr}.tiles{grid-template-columns:1fr 1fr;gap:8px}.tiles li{padding:9px 11px}.tiles b{font-size:1.05rem}.tiles li:last-child:nth-child(odd){grid-column:1/-1}
table,tbody,tr,th,td{display:block}thead{display:none}caption{display:block}tr{border-top:2px solid var(--edge);padding:9px 0}tbody tr:first-child{border-top:1px solid var(--edge)}
tbody th,td{border:0;padding:2px 0;width:auto!important}tbody th{font-weight:600}
td{display:grid;grid-template-columns:7.2em 1fr;gap:10px}td::before{content:attr(data-label);color:var(--muted);font-size:.84rem}
dl{grid-template-columns:1fr;gap:0}dt{margin-top:8px;font-size:.85rem}}
@media print{:root{color-scheme:light;--page:#fff;--paper:#fff;--ink:#000;--muted:#444;--edge:#bbb;--soft:#f0f2f4;--good:#0072b2;--partial:#d98b00;--failed:#c8420a;--undo:#00785c;--step:#6b3fa0;--on:#fff;--floating:#9c2f72;
--confirmed:#0a6b52;--confirmed-soft:#fff;--contradicted:#a83400;--contradicted-soft:#fff;--undetermined:#333;--undetermined-soft:#fff;--invalid:#7b1fa2;--invalid-soft:#fff}
body{font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}main,header,footer{max-width:none;padding:0}section{border:0;border-top:1px solid var(--edge);border-radius:0;padding:12px 0;margin:0}
h2,h3,caption{break-after:avoid}tr,svg,.card,.tiles li{break-inside:avoid}details:not([open]){display:none}
svg.wide{display:block}svg.narrow{display:none}}
`
