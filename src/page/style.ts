/*
 * The one style of all pages. It stands in the page itself, and the security policy has its hash. Colours are variables, set twice: light and
 * dark. What a colour says is said by a word or a shape too.
 */

const COLOURS = `:root{color-scheme:light dark;
--bg:#f6f7f9;--card:#fff;--text:#1a1f26;--soft:#545d69;--line:#d9dee5;--track:#e9ecf1;--link:#0b57a4;--focus:#0b57a4;
--critical:#a3122b;--critical-bg:#fde7ea;--warning:#7a4a00;--warning-bg:#fdf0d2;--info:#0e4f86;--info-bg:#e1eefb;
--current:#a9cbee;--live:#2b74c4;--usage:#6fa8dc;--goal:#1a1f26;--gomemlimit:#7b3fc4;--high:#a86400;--max:#c0182f;--procs:#1a1f26;--throttled:#c0182f;--beyond:#c0182f26;
--a:#2b74c4;--b:#1a1f26;--c:#0d7a5f}
@media (prefers-color-scheme:dark){:root{
--bg:#0f1318;--card:#171d24;--text:#e6eaef;--soft:#a0abb8;--line:#2c3540;--track:#252d37;--link:#86bdf7;--focus:#86bdf7;
--critical:#ff9eaa;--critical-bg:#43141d;--warning:#f2c66d;--warning-bg:#3b2a08;--info:#97caff;--info-bg:#12304d;
--current:#2f5880;--live:#6fb0f2;--usage:#4a86c0;--goal:#e6eaef;--gomemlimit:#c39bff;--high:#f2b04d;--max:#ff6b7d;--procs:#e6eaef;--throttled:#ff6b7d;--beyond:#ff6b7d33;
--a:#6fb0f2;--b:#e6eaef;--c:#53cba8}}`;

const GROUND = `*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1,h2,h3,h4,p,ul,dl,dd,figure,pre{margin:0;padding:0}
ul{list-style:none}
h1{font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.15rem;font-weight:650;line-height:1.3}
h3{font-size:1rem;font-weight:650;line-height:1.35}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,button:focus-visible,select:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
code,pre,.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.87em}
.skip{position:absolute;left:-9999px}
.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.4rem .8rem;z-index:2}
.inner,main{max-width:84rem;margin:0 auto;padding:0 1.25rem}
main{padding-top:1.5rem;padding-bottom:2rem}
section{margin-top:2rem}
section:first-child{margin-top:0}
section>h2{margin-bottom:.75rem}
.sub,.source,.note,.since,.facts,.place,.label{color:var(--soft)}
.sub,.source,.note,.place{font-size:.85rem}
.source{display:block}
.note{margin-top:.75rem}
.facts{margin-top:.25rem}
.unknown{color:var(--soft);font-style:italic;font-weight:400}
.empty,.message,.notice{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem}
.notice{border-left:4px solid var(--warning);margin-top:.75rem;padding:.6rem 1rem}
.message p{margin-top:.5rem}`;

const FRAME = `.bar-top{background:var(--card);border-bottom:1px solid var(--line)}
.bar-top .inner{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1.5rem;padding-top:.6rem;padding-bottom:.6rem}
.brand{font-weight:650}
.brand a{color:inherit;text-decoration:none}
.host{font-weight:400;color:var(--soft);margin-left:.4rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
.bar-top nav a{display:inline-block;padding:.2rem 0;text-decoration:none;color:var(--text)}
.bar-top nav a:hover{text-decoration:underline}
.bar-top nav [aria-current]{font-weight:650;box-shadow:inset 0 -2px var(--link)}
.as-of{margin-left:auto;color:var(--soft);font-size:.85rem}
.live{margin-left:.75rem;white-space:nowrap}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:.85rem;padding-top:1rem;padding-bottom:1.5rem;display:flex;flex-wrap:wrap;gap:.5rem 2rem}
.crumbs{font-size:.85rem;margin-bottom:.5rem}
.toc{margin-top:.75rem;font-size:.9rem}`;

const FINDINGS = `.counts{display:flex;flex-wrap:wrap;gap:.6rem;margin-top:1rem}
.count a{display:block;padding:.35rem .9rem;border-radius:8px;border:1px solid transparent;text-decoration:none;color:inherit}
.count a:hover{text-decoration:underline}
.count b{font-size:1.15rem;margin-right:.15rem}
.count [aria-current]{border-color:currentColor}
.critical.count,.chip.critical{background:var(--critical-bg);color:var(--critical)}
.warning.count,.chip.warning{background:var(--warning-bg);color:var(--warning)}
.info.count,.chip.info{background:var(--info-bg);color:var(--info)}
.count{border-radius:8px}
.count.zero{background:var(--card);color:var(--soft);box-shadow:inset 0 0 0 1px var(--line)}
.chip{display:inline-block;padding:.05rem .55rem;border-radius:999px;font-size:.8rem;font-weight:600}
.section-head{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:end;justify-content:space-between;margin-bottom:.75rem}
.filter{display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:end;font-size:.85rem}
.filter label{color:var(--soft);display:grid;gap:.1rem}
select,button{font:inherit;color:var(--text);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.3rem .6rem;max-width:100%;min-height:2rem}
button{font-weight:600;cursor:pointer}
.finding{background:var(--card);border:1px solid var(--line);border-left-width:4px;border-radius:8px;padding:.9rem 1.1rem 1rem;margin-bottom:.75rem}
.finding.critical{border-left-color:var(--max)}
.finding.warning{border-left-color:var(--high)}
.finding.info{border-left-color:var(--live)}
.finding header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem .75rem}
.finding .since{margin-left:auto;font-size:.85rem}
.who{font-size:.92rem}
.two{display:grid;grid-template-columns:minmax(0,1.55fr) minmax(0,1fr);gap:.75rem 2rem;margin-top:.6rem}
.numbers{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:.75rem 0}
.numbers dt{font-size:.8rem;color:var(--soft)}
.numbers dd{font-size:1.15rem;font-weight:650;line-height:1.3}
.numbers small{font-size:.8rem;font-weight:400;color:var(--soft)}
.remedy{border-left:1px solid var(--line);padding-left:1.5rem}
.label{font-size:.8rem;font-weight:600}
.place{margin-top:.5rem}
.copy{margin:.15rem 0 0;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem;white-space:pre-wrap;user-select:all;-webkit-user-select:all}
.links{display:flex;flex-wrap:wrap;gap:.15rem 1.25rem;margin-top:.4rem;font-size:.85rem}
details{margin-top:.25rem}
summary{cursor:pointer;font-size:.85rem;color:var(--soft)}`;

const TABLES = `table{border-collapse:collapse;width:100%;margin-top:.5rem;font-size:.87rem}
caption{text-align:left;color:var(--soft);padding-bottom:.25rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--soft);font-size:.8rem}
.n{text-align:right}
td.source{color:var(--soft);display:table-cell}
.grid,.plain{display:grid;gap:.5rem 2rem}
.grid{grid-template-columns:repeat(auto-fill,minmax(13rem,1fr))}
.grid dt,.plain dt{font-size:.8rem;color:var(--soft)}
.plain{margin-top:.75rem}
section>table,section>.grid,section>.plain,section>.files{background:var(--card);border:1px solid var(--line);border-radius:8px}
section>.grid,section>.plain,section>.files{padding:.9rem 1.1rem}
section>table{border-collapse:separate;border-spacing:0;margin-top:.75rem}
section>table th:first-child,section>table td:first-child{padding-left:1.1rem}
section>table th:last-child,section>table td:last-child{padding-right:1.1rem}
section>table tr:last-child>*{border-bottom:0}
section>table thead tr:last-child>*{border-bottom:1px solid var(--line)}
section>h3{margin-top:1.1rem}
section>ul:not([class]){margin-top:.5rem}
section>ul:not([class])>li{padding:.15rem 0}`;

const ROWS = `.rows{border:1px solid var(--line);border-radius:8px;background:var(--card)}
.row{display:grid;grid-template-columns:minmax(0,13rem) minmax(0,1.45fr) minmax(0,1fr) minmax(0,1.25fr);gap:.75rem 1.75rem;padding:1rem 1.1rem;border-top:1px solid var(--line)}
.row:first-child{border-top:0}
.row h3{font-size:.95rem}
.row h3 a{text-decoration:none}
.row h3 a:hover{text-decoration:underline}
.row h4{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.row .name p{margin-top:.2rem}
.ns{font-weight:400}
.bar{display:block;width:100%;overflow:visible}
.track{fill:var(--track)}
.f-current{fill:var(--current)}.f-live{fill:var(--live)}.f-usage{fill:var(--usage)}.f-beyond{fill:var(--beyond)}.f-throttled{fill:var(--throttled)}
.m-goal,.m-procs{stroke:var(--goal);stroke-width:1.5}
.t-goal,.t-procs{fill:var(--goal)}
.m-gomemlimit{stroke:var(--gomemlimit);stroke-width:2;stroke-dasharray:5 3}
.m-high{stroke:var(--high);stroke-width:2;stroke-dasharray:2 2}
.m-max{stroke:var(--max);stroke-width:3}
.values{display:grid;grid-template-columns:minmax(0,1.3fr) minmax(0,1fr) minmax(0,1fr);gap:.3rem .5rem;margin-top:.45rem;font-size:.8rem;line-height:1.3}
.values div{position:relative;padding-left:.9rem}
.values dt{color:var(--soft)}
.values dd{font-weight:600}
.values dd.unknown{font-weight:400}
.values div::before{content:"";position:absolute;left:0;top:.2rem;width:.6rem;height:.6rem;border-radius:2px}
.s-live::before{background:var(--live)}.s-current::before{background:var(--current)}.s-usage::before{background:var(--usage)}
.values .s-throttled::before{background:var(--throttled);height:.25rem;top:.4rem;border-radius:0}
.values .s-goal::before,.values .s-procs::before,.values .s-gomemlimit::before,.values .s-high::before,.values .s-max::before{width:0;left:.3rem;height:.75rem;top:.12rem;border-radius:0;border-left:2px solid var(--goal)}
.values .s-gomemlimit::before{border-left:2px dashed var(--gomemlimit)}
.values .s-high::before{border-left:2px dotted var(--high)}
.values .s-max::before{border-left:3px solid var(--max)}
.row .cell:nth-child(3) .values,.now .cell:nth-child(2) .values{grid-template-columns:repeat(2,minmax(0,1fr))}
.sparks{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.3rem 1.25rem;font-size:.8rem;line-height:1.3}
.sparks div{display:grid;grid-template-columns:1fr auto;gap:0 .5rem}
.sparks dt{color:var(--soft);white-space:nowrap}
.sparks dd{font-weight:600}
.sparks dd+dd{grid-column:1/-1}
.spark{display:block;width:100%;height:1.6rem;border-bottom:1px solid var(--line)}
.spark path,.plot path{fill:none;stroke:var(--a);stroke-width:1.5;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.pager{display:flex;gap:1.25rem;align-items:center;margin-top:.75rem;font-size:.9rem}
.pager .off{color:var(--soft)}
.now{display:grid;grid-template-columns:minmax(0,1.5fr) minmax(0,1fr);gap:1rem 2.5rem;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem 1.1rem}
.now h3{margin-bottom:.35rem}`;

const CHARTS = `.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.75rem;margin-top:.75rem}
.chart{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem 1.1rem}
.chart figcaption{font-weight:650}
.plot{margin-top:-.3rem}
.plot svg{display:block;width:100%;height:8rem}
.plot .top{display:block;text-align:right;font-size:.75rem;line-height:1.3;color:var(--soft)}
.plot .grid{stroke:var(--line);stroke-width:1}
.plot .c-a{stroke:var(--a)}.plot .c-b{stroke:var(--b);stroke-dasharray:4 3}.plot .c-c{stroke:var(--c)}
.plot .band{stroke:none;fill:var(--a);fill-opacity:.18}
.plot .c-b.band{fill:var(--b);fill-opacity:.1}.plot .c-c.band{fill:var(--c)}
.plot .c-max{stroke:var(--max);stroke-width:2}
.plot .c-gomemlimit{stroke:var(--gomemlimit);stroke-dasharray:5 3}
.plot .c-high{stroke:var(--high);stroke-dasharray:2 2}
.axis{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.25rem;margin-top:.4rem;font-size:.8rem;color:var(--soft)}
.legend b{color:var(--text)}
.legend li::before{content:"";display:inline-block;width:1.1rem;height:0;margin-right:.4rem;vertical-align:middle;border-top:2px solid var(--a)}
.legend .l-b::before{border-top:2px dashed var(--b)}.legend .l-c::before{border-color:var(--c)}
.legend .l-max::before{border-top:3px solid var(--max)}.legend .l-gomemlimit::before{border-top:2px dashed var(--gomemlimit)}.legend .l-high::before{border-top:2px dotted var(--high)}`;

const VERDICTS = `.verdicts{margin-top:.5rem;background:var(--card);border:1px solid var(--line);border-radius:8px;font-size:.9rem}
.verdicts li{border-top:1px solid var(--line);padding:.45rem 1.1rem}
.verdicts li:first-child{border-top:0}
.verdicts details{margin:0}
.verdicts summary{font-size:inherit;color:var(--text)}
.verdicts .reason{color:var(--soft)}
.verdicts .inside{padding:.25rem 0 .5rem 1.1rem}
.verdicts .inside p{margin-top:.5rem;font-size:.85rem}
.word{display:inline-block;min-width:4.6rem;padding:0 .5rem;border-radius:4px;font-size:.8rem;text-align:center}
.word.holds,.word.failed{background:var(--critical-bg);color:var(--critical);font-weight:600}
.word.unknown{background:var(--warning-bg);color:var(--warning);font-style:normal}
.word.clear{background:var(--info-bg);color:var(--info)}
.word.off{box-shadow:inset 0 0 0 1px var(--line);color:var(--soft)}
.files li+li{margin-top:.5rem}
.prose{max-width:46rem}
.prose h2{margin:1.25rem 0 .25rem;font-size:1rem}
.prose .lead{font-size:1.1rem;margin:.25rem 0 .75rem}
.prose li{margin:.2rem 0 .2rem 1.1rem;list-style:disc}`;

const NARROW = `@media (max-width:64rem){.row{grid-template-columns:repeat(2,minmax(0,1fr))}.two{grid-template-columns:1fr}.remedy{border-left:0;padding-left:0;border-top:1px solid var(--line);padding-top:.6rem}}
@media (max-width:44rem){.inner,main{padding-left:1rem;padding-right:1rem}.row,.charts,.now{grid-template-columns:minmax(0,1fr)}.values{grid-template-columns:repeat(2,minmax(0,1fr))}.as-of{margin-left:0;width:100%}.row h4{position:static;width:auto;height:auto;clip-path:none;font-size:.8rem;font-weight:600;color:var(--soft);margin-bottom:.2rem}.finding .since{margin-left:0}td.source{font-size:.8rem}th,td{padding-right:.5rem}.filter label,.filter select{width:100%}.filter label{flex:1 1 40%}}
@media (prefers-contrast:more){:root{--soft:var(--text)}}`;

/** The whole style sheet. */
export const STYLE = [COLOURS, GROUND, FRAME, FINDINGS, TABLES, ROWS, CHARTS, VERDICTS, NARROW].join('\n');
