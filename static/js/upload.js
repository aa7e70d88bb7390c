// The upload page: a file can be dropped anywhere on its field; its name and size are said; the fields of a new
// collection show when there is to be one. All of it works without this.

const drop = document.querySelector("[data-drop]");
const input = drop.querySelector("input[type=file]");
const chosen = drop.querySelector("[data-chosen]");
const collection = document.querySelector("select[name=collection]");
const fresh = document.querySelector("[data-new-collection]");

function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} KB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function tell() {
  const [file] = input.files;
  chosen.textContent = file ? `${file.name}, ${size(file.size)}` : "";
}

function show() {
  fresh.hidden = collection.value !== "+new";
}

drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer.files.length) {
    input.files = event.dataTransfer.files;
    tell();
  }
});
input.addEventListener("change", tell);
collection.addEventListener("change", show);
tell();
show();
