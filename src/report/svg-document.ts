// As much of a document as Observable Plot needs to draw where there is no browser: elements with
// attributes and children, written as SVG. Nothing of layout, style or events.
import { escaped } from "./html.ts";

const XHTML = "http://www.w3.org/1999/xhtml";

class SvgText {
  readonly data: string;
  parentNode: SvgElement | null = null;

  constructor(data: string) {
    this.data = data;
  }
}

type SvgNode = SvgElement | SvgText;

export class SvgElement {
  readonly ownerDocument: SvgDocument;
  readonly namespaceURI: string;
  readonly tagName: string;
  readonly attributes = new Map<string, string>();
  childNodes: SvgNode[] = [];
  parentNode: SvgElement | null = null;

  constructor(ownerDocument: SvgDocument, namespaceURI: string, tagName: string) {
    this.ownerDocument = ownerDocument;
    this.namespaceURI = namespaceURI;
    this.tagName = tagName;
  }

  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, String(value));
  }

  setAttributeNS(_space: string | null, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  get firstChild(): SvgNode | null {
    return this.childNodes[0] ?? null;
  }

  get documentElement(): SvgElement {
    return this;
  }

  appendChild(child: SvgNode): SvgNode {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgNode, before: SvgNode | null): SvgNode {
    child.parentNode?.removeChild(child);
    const place = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(place, 0, child);
    child.parentNode = this;
    return child;
  }

  append(...children: (SvgNode | string)[]): void {
    for (const child of children) {
      this.appendChild(typeof child === "string" ? new SvgText(child) : child);
    }
  }

  removeChild(child: SvgNode): SvgNode {
    this.childNodes = this.childNodes.filter((each) => each !== child);
    child.parentNode = null;
    return child;
  }

  set textContent(text: string) {
    this.childNodes = [];
    if (text !== "") this.append(text);
  }

  get inner(): string {
    return this.childNodes
      .map((child) => (child instanceof SvgText ? escaped(child.data) : child.outer))
      .join("");
  }

  /** Plot's own style sheets are left out: the page has those rules, and allows no others. */
  get outer(): string {
    if (this.tagName === "style") return "";
    const attributes = [...this.attributes].map(([name, value]) => ` ${name}="${escaped(value)}"`);
    return `<${this.tagName}${attributes.join("")}>${this.inner}</${this.tagName}>`;
  }
}

export class SvgDocument {
  /** Plot asks for a window where a chart is interactive. */
  readonly defaultView = null;

  get documentElement(): SvgElement {
    return new SvgElement(this, XHTML, "html");
  }

  createElementNS(namespace: string, name: string): SvgElement {
    return new SvgElement(this, namespace, name);
  }

  createElement(name: string): SvgElement {
    return this.createElementNS(XHTML, name);
  }

  createTextNode(text: string): SvgText {
    return new SvgText(text);
  }
}
