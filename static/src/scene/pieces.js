// What each kind of thing looks like: a pod's cell, a service's gate, a machine's tank, a card for the rest.
import { shortName } from "../layout/cells.js";
import { svg, text } from "./elements.js";

export const GLYPHS = {
  Deployment: "deploy", ReplicaSet: "rs", ReplicationController: "rc", StatefulSet: "sts", DaemonSet: "ds", Job: "job",
  CronJob: "cron", HorizontalPodAutoscaler: "hpa", Ingress: "ing", Service: "svc", NetworkPolicy: "netpol", ConfigMap: "cm",
  Secret: "secret", PersistentVolumeClaim: "pvc", PersistentVolume: "pv", StorageClass: "sc", ServiceAccount: "sa",
  Role: "role", ClusterRole: "c.role", RoleBinding: "rb", ClusterRoleBinding: "crb",
};

export const PIECES = { cell, gate, card };

function cell(item, at) {
  const r = at.density.radius;
  const body = svg("g", { class: "body" });
  body.append(svg("circle", { class: "halo", r: r + 4 }), svg("circle", { class: "shell", r }));
  if (item.form === "ring") body.append(svg("circle", { class: "ring", r }));
  if (r >= 8) body.append(...inside(item, r));
  for (let index = 0; index < Math.min(item.strikes ?? 0, 6); index++) body.append(strike(index, r));
  if (item.restarts && r >= 12) body.append(text(`↻${item.restarts}`, { class: "restarts", x: r * 0.72, y: -r * 0.72 }));
  if (at.density.label) {
    body.append(text(shortName(item.name, at.density.label), { class: "label", y: r + 15 }));
    body.append(text(under(item), { class: "label small", y: r + 27 }));
  }
  return body;
}

// One line below the name, where the form alone may puzzle; `Running` needs no words.
const under = (item) => (item.word === "Running" ? "" : shortName(item.word ?? "", 17));

function inside(item, r) {
  if (item.form === "check") return [svg("path", { class: "mark", d: `M${-r * 0.4} 0 l${r * 0.3} ${r * 0.3} l${r * 0.5} ${-r * 0.6}` })];
  if (item.form === "cross") return [svg("path", { class: "mark", d: `M${-r * 0.35} ${-r * 0.35} L${r * 0.35} ${r * 0.35} M${r * 0.35} ${-r * 0.35} L${-r * 0.35} ${r * 0.35}` })];
  const steps = (item.containers ?? []).filter((each) => each.init);
  const main = (item.containers ?? []).filter((each) => !each.init);
  return [...row(main, 0, r * 0.26, r), ...(steps.length ? row(steps, -r * 0.55, r * 0.13, r) : [])];
}

function row(containers, y, size, r) {
  const gap = Math.min(size * 2.7, (r * 1.5) / Math.max(1, containers.length));
  const first = (-(containers.length - 1) * gap) / 2;
  return containers.map((each, index) => svg("circle", { class: "nucleus", "data-state": each.state, cx: first + index * gap, cy: y, r: Math.min(size, gap * 0.42) }));
}

function strike(index, r) {
  const angle = -Math.PI / 2 - 0.9 + index * 0.36;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return svg("line", { class: "strike", x1: c * (r - 3), y1: s * (r - 3), x2: c * (r + 4), y2: s * (r + 4) });
}

function gate(item, at) {
  const [x, y] = [-at.w / 2, -at.h / 2];
  const body = svg("g", { class: "body" });
  const count = item.kind === "Service" ? (item.endpoints ?? 0) : null;
  body.append(
    svg("rect", { class: "halo", x: x - 3, y: y - 3, width: at.w + 6, height: at.h + 6, rx: 13 }),
    svg("rect", { class: "plate", x, y, width: at.w, height: at.h, rx: 10 }),
    text(shortName(item.name, count === null ? 22 : 18), { class: "name", x: x + 14, y: y + 19 }),
    text(gateWords(item), { class: "sub", x: x + 14, y: y + 34 }),
  );
  if (count !== null) {
    body.append(svg("circle", { class: "badge", cx: x + at.w - 21, cy: 0, r: 12 }), text(count, { class: "number", x: x + at.w - 21, y: 4.5 }));
  }
  return body;
}

function gateWords(item) {
  if (item.kind === "Ingress") return "Ingress";
  const port = item.ports?.length ? `:${item.ports.join(",")}` : "";
  return shortName(item.type === "ClusterIP" || !item.type ? `${item.ip ?? ""}${port}` : `${item.type}${port}`, 19);
}

function card(item, at) {
  const [x, y] = [-at.w / 2, -at.h / 2];
  const body = svg("g", { class: "body" });
  const part = item.want ? Math.min(1, item.have / item.want) : 0;
  body.append(
    svg("rect", { class: "halo", x: x - 3, y: y - 3, width: at.w + 6, height: at.h + 6, rx: 11 }),
    svg("rect", { class: "plate", x, y, width: at.w, height: at.h, rx: 8 }),
    svg("path", { class: "side", d: `M${x + 8} ${y} h42 v${at.h} h-42 a8 8 0 0 1 -8 -8 v${-(at.h - 16)} a8 8 0 0 1 8 -8 z` }),
    text(GLYPHS[item.kind] ?? item.kind.slice(0, 6).toLowerCase(), { class: "glyph", x: x + 25, y: 3.5 }),
    text(shortName(item.name, 18), { class: "name", x: x + 59, y: item.word ? -3 : 4 }),
  );
  if (item.word) body.append(text(shortName(item.word, 12), { class: "word", x: x + at.w - 10, y: 14 }));
  if (item.want) body.append(svg("rect", { class: "progress", x: x + 59, y: 8, width: Math.max(2, (at.w - 110) * part), height: 4, rx: 2 }));
  return body;
}

export function tank(group, box, words) {
  const body = svg("g", { class: "body" });
  if (group.id === "waiting") {
    body.append(svg("rect", { class: "wall", width: box.w, height: box.h, rx: 14 }));
    body.append(text(words.waiting, { class: "title", x: 16, y: box.h / 2 - 2 }), text(words.waitingSub, { class: "sub", x: 16, y: box.h / 2 + 14 }));
    return body;
  }
  const share = ([used, all] = [0, 0]) => (all ? Math.min(1, used / all) : 0);
  const level = Math.max(0.015, share(group.cpu)) * (box.h - 44);
  const clip = `clip-${group.id.replace(/\W/g, "-")}`;
  body.append(
    svg("clipPath", { id: clip }, svg("rect", { width: box.w, height: box.h, rx: 14 })),
    svg("rect", { class: "halo", x: -4, y: -4, width: box.w + 8, height: box.h + 8, rx: 17 }),
    svg("rect", { class: "wall", width: box.w, height: box.h, rx: 14 }),
    svg("g", { "clip-path": `url(#${clip})` }, svg("rect", { class: "water", y: box.h - level, width: box.w, height: level }), svg("path", { class: "wave", d: wave(box.w, box.h - level) })),
    svg("rect", { class: "gauge-ground", x: box.w - 10, y: 46, width: 4, height: box.h - 58, rx: 2 }),
    svg("rect", { class: "gauge", x: box.w - 10, y: 46 + (box.h - 58) * (1 - share(group.memory)), width: 4, height: (box.h - 58) * share(group.memory), rx: 2 }),
    text(group.name, { class: "title", x: 16, y: 24 }),
    text(tankWords(group), { class: "sub", x: 16, y: 38 }),
  );
  (group.taints ?? []).forEach((taint, index) => body.append(svg("rect", { class: "taint", x: box.w - 26 - index * 12, y: -3, width: 8, height: 12, rx: 2 })));
  if (group.cordoned) body.append(svg("rect", { class: "lid", x: -4, y: -9, width: box.w + 8, height: 10, rx: 4 }));
  if (group.state === "notready") {
    body.append(svg("rect", { class: "fog", width: box.w, height: box.h, rx: 14 }), text(group.word, { class: "notready", x: 16, y: 62 }));
  }
  return body;
}

function wave(width, y) {
  const half = width / 8;
  return `M0 ${y} q${half} -4 ${half * 2} 0 t${half * 2} 0 t${half * 2} 0 t${half * 2} 0`;
}

function tankWords(group) {
  const cores = (value) => (value / 1000).toLocaleString("en", { maximumFractionDigits: 2 });
  const gib = (value) => (value / 2 ** 30).toLocaleString("en", { maximumFractionDigits: 1 });
  const role = group.roles?.length ? `${group.roles.join(", ")} · ` : "";
  const cordoned = group.cordoned ? " · SchedulingDisabled" : "";
  if (!group.cpu) return `${role}${group.word}${cordoned}`;
  return `${role}cpu ${cores(group.cpu[0])}/${cores(group.cpu[1])} · ${gib(group.memory[0])}/${gib(group.memory[1])} Gi${cordoned}`;
}

// The name of an item: the words it shows, as they stand there (who speaks to the page says those), then the rest.
export function spoken(item, shown) {
  const parts = [item.kind, item.name, item.namespace, item.word];
  if (item.kind === "Service") parts.push(`${item.endpoints ?? 0} endpoints`);
  if (item.restarts) parts.push(`${item.restarts} restarts`);
  return [shown, ...parts.filter((part) => part && !shown.split(" ").includes(part))].filter(Boolean).join(", ");
}
