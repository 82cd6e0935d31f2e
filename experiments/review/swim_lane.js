/* Zooms and moves the pictures of incidents. Without it they are plain pictures. */
(function () {
  "use strict";
  var LETTER = 6.6;
  var STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
               3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800];

  function clock(seconds) {
    var sign = seconds < -0.0005 ? "-" : "";
    var ms = Math.round(Math.abs(seconds) * 1000);
    var two = function (n) { return (n < 10 ? "0" : "") + n; };
    var fraction = String(ms % 1000 + 1000).slice(1).replace(/0+$/, "");
    return sign + Math.floor(ms / 3600000) + ":" + two(Math.floor(ms / 60000) % 60) + ":" +
           two(Math.floor(ms / 1000) % 60) + (fraction ? "." + fraction : "");
  }

  function Timeline(box) {
    var number = function (name) { return parseFloat(box.getAttribute("data-" + name)); };
    this.box = box;
    this.svg = box.querySelector("svg.swim");
    this.axis = this.svg.querySelector("g.axis");
    this.readout = box.querySelector(".readout");
    this.height = parseFloat(this.svg.getAttribute("height"));
    this.all = [number("from"), number("to")];
    this.harm = [number("view-from"), number("view-to")];
    this.view = this.harm.slice();
    this.lanes = Array.prototype.map.call(this.svg.querySelectorAll("g.lane"), readLane);
    box.querySelector(".tools").hidden = false;
    box.classList.add("live");
    this.listen();
    this.draw();
  }

  function readLane(group) {
    var read = function (one) {
      var title = one.querySelector("title");
      var said = title ? title.textContent : "";
      /* The page shows its own box at the pointer; the browser's would be a second one. */
      if (title) { one.removeChild(title); }
      one.setAttribute("data-said", said);
      return { node: one, said: said, label: one.querySelector("text"),
               rect: one.querySelector("rect"),
               a: parseFloat(one.getAttribute("data-a")), b: parseFloat(one.getAttribute("data-b")),
               t: parseFloat(one.getAttribute("data-t")) };
    };
    return { name: group.getAttribute("data-name"),
             bars: Array.prototype.map.call(group.querySelectorAll("g.bar"), read),
             marks: Array.prototype.map.call(group.querySelectorAll("g.mark"), read) };
  }

  function show(node, visible) {
    node.setAttribute("visibility", visible ? "visible" : "hidden");
  }

  Timeline.prototype.x = function (time) {
    return this.width * (time - this.view[0]) / (this.view[1] - this.view[0]);
  };

  Timeline.prototype.draw = function () {
    var self = this;
    this.width = Math.max(300, Math.floor(this.svg.parentNode.clientWidth));
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("viewBox", "0 0 " + this.width + " " + this.height);
    this.lanes.forEach(function (lane) { self.drawLane(lane); });
    this.drawAxis();
    this.svg.setAttribute("data-shown", clock(this.view[0]) + " to " + clock(this.view[1]));
  };

  Timeline.prototype.drawLane = function (lane) {
    var self = this, width = this.width;
    lane.bars.forEach(function (bar) {
      var left = Math.max(0, self.x(bar.a)), right = Math.min(width, self.x(bar.b));
      var inside = right > 0 && left < width && bar.b >= self.view[0] && bar.a <= self.view[1];
      show(bar.node, inside);
      bar.rect.setAttribute("x", left);
      bar.rect.setAttribute("width", Math.max(1, right - left));
      bar.label.setAttribute("x", (left + right) / 2);
      show(bar.label, inside && right - left >= LETTER * bar.label.textContent.length + 8);
    });
    var taken = LETTER * 1.15 * lane.name.length + 12;
    lane.marks.forEach(function (mark) {
      var x = self.x(mark.t), length = LETTER * mark.label.textContent.length;
      var inside = x >= 0 && x <= width;
      var fits = inside && x >= taken && x + length + 6 <= width;
      show(mark.node, inside);
      show(mark.label, fits);
      mark.node.setAttribute("transform", "translate(" + x.toFixed(2) + " 0)");
      if (fits) { taken = x + length + 14; }
    });
  };

  Timeline.prototype.drawAxis = function () {
    var span = this.view[1] - this.view[0], most = this.width / 110, step = STEPS[STEPS.length - 1];
    for (var i = 0; i < STEPS.length; i++) {
      if (span / STEPS[i] <= most) { step = STEPS[i]; break; }
    }
    while (this.axis.firstChild) { this.axis.removeChild(this.axis.firstChild); }
    for (var n = Math.ceil(this.view[0] / step); n * step <= this.view[1]; n++) {
      var x = this.x(n * step);
      this.add("line", { x1: x, x2: x, y1: 0, y2: this.height - 20 });
      var anchor = x < 30 ? "start" : x > this.width - 30 ? "end" : "middle";
      this.add("text", { x: x, y: this.height - 6, "text-anchor": anchor }, clock(n * step));
    }
  };

  Timeline.prototype.add = function (name, attributes, text) {
    var node = document.createElementNS(this.svg.namespaceURI, name);
    for (var key in attributes) { node.setAttribute(key, attributes[key]); }
    if (text) { node.textContent = text; }
    this.axis.appendChild(node);
  };

  /* Whole microseconds: there and back again must end where it began. */
  function whole(seconds) { return Math.round(seconds * 1e6) / 1e6; }

  Timeline.prototype.look = function (from, to) {
    var least = 0.05, most = this.all[1] - this.all[0];
    var span = Math.min(most, Math.max(least, to - from));
    var start = Math.min(Math.max(from, this.all[0]), this.all[1] - span);
    this.view = [whole(start), whole(start + span)];
    this.draw();
    this.say("Shown: " + this.svg.getAttribute("data-shown"));
  };

  Timeline.prototype.zoom = function (factor, share) {
    var span = this.view[1] - this.view[0], at = this.view[0] + span * share;
    this.look(at - span * factor * share, at + span * factor * (1 - share));
  };

  Timeline.prototype.move = function (share) {
    var by = whole((this.view[1] - this.view[0]) * share);
    this.look(this.view[0] + by, this.view[1] + by);
  };

  Timeline.prototype.say = function (text) { this.readout.textContent = text; };

  Timeline.prototype.act = function (what) {
    if (what === "in") { this.zoom(0.5, 0.5); }
    if (what === "out") { this.zoom(2, 0.5); }
    if (what === "left") { this.move(-0.25); }
    if (what === "right") { this.move(0.25); }
    if (what === "harm") { this.look(this.harm[0], this.harm[1]); }
    if (what === "all") { this.look(this.all[0], this.all[1]); }
  };

  var KEYS = { "+": "in", "=": "in", "-": "out", "_": "out", ArrowLeft: "left",
               ArrowRight: "right", "0": "all", Home: "harm" };

  Timeline.prototype.listen = function () {
    var self = this, svg = this.svg;
    this.box.querySelectorAll("button[data-do]").forEach(function (button) {
      button.addEventListener("click", function () { self.act(button.getAttribute("data-do")); });
    });
    svg.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) { return; }
      event.preventDefault();
      self.act(KEYS[event.key]);
    });
    svg.addEventListener("wheel", function (event) {
      /* A page must scroll past a picture: only who has chosen the picture zooms it. */
      if (document.activeElement !== svg) { return; }
      event.preventDefault();
      self.zoom(event.deltaY > 0 ? 1.25 : 0.8, self.shareAt(event));
    }, { passive: false });
    this.listenToDragging();
    svg.addEventListener("pointerover", function (event) {
      var part = event.target.closest ? event.target.closest("[data-said]") : null;
      if (part) { tell(part.getAttribute("data-said"), event); self.say(part.getAttribute("data-said")); }
    });
    svg.addEventListener("pointerout", function () { tip.hidden = true; });
    window.addEventListener("resize", function () { self.draw(); });
    window.addEventListener("beforeprint", function () { self.draw(); });
  };

  Timeline.prototype.shareAt = function (event) {
    var box = this.svg.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };

  Timeline.prototype.listenToDragging = function () {
    var self = this, from = null, view = null, svg = this.svg;
    svg.addEventListener("pointerdown", function (event) { from = event.clientX; view = self.view; });
    window.addEventListener("pointermove", function (event) {
      if (from === null) { return; }
      var by = (from - event.clientX) / self.width * (view[1] - view[0]);
      if (Math.abs(event.clientX - from) > 3) { self.look(view[0] + by, view[1] + by); }
    });
    window.addEventListener("pointerup", function () { from = null; });
    window.addEventListener("pointercancel", function () { from = null; });
  };

  var tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;

  function tell(text, event) {
    tip.textContent = text;
    tip.hidden = false;
    var left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = event.clientY + 18 + "px";
  }

  document.body.appendChild(tip);
  document.querySelectorAll(".timeline").forEach(function (box) { new Timeline(box); });
})();
