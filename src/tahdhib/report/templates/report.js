(function () {
  "use strict";
  var list = document.getElementById("samples");
  if (!list) return;
  var cards = Array.prototype.slice.call(list.querySelectorAll("[data-rules]"));
  var filter = document.getElementById("rule-filter");
  var more = document.getElementById("more-samples");
  var step = Number(list.getAttribute("data-batch"));
  var shown = step;
  function draw() {
    var matching = cards.filter(function (card) {
      return !filter.value || card.getAttribute("data-rules").split("\n").indexOf(filter.value) >= 0;
    });
    cards.forEach(function (card) { card.hidden = true; });
    matching.slice(0, shown).forEach(function (card) { card.hidden = false; });
    var left = Math.max(0, matching.length - shown);
    more.hidden = left === 0;
    more.textContent = "Show " + Math.min(left, step) + " more of " + left;
  }
  filter.addEventListener("change", function () { shown = step; draw(); });
  more.addEventListener("click", function () { shown += step; draw(); });
  window.addEventListener("beforeprint", function () {
    cards.forEach(function (card) { card.hidden = false; });
  });
  window.addEventListener("afterprint", draw);
  document.getElementById("sample-controls").hidden = false;
  draw();
})();
