package io.github.lorascope.hub;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a model on a hub, such as {@code org/name@main}. The rules are huggingface_hub's,
 * which keep it from being a path that leads anywhere.
 *
 * @param id organisation and name
 * @param revision a branch, a tag or a commit
 */
record HubName(String id, String revision) {
  private static final String MAIN = "main";
  private static final int LONGEST = 200;
  private static final String PART = "\\w(?:[\\w.-]{0,94}\\w)?";
  private static final Pattern NAME =
      Pattern.compile("(" + PART + "/" + PART + ")(?:@(" + PART + "(?:/" + PART + ")*))?");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  static HubName parse(String text) {
    Matcher matcher = NAME.matcher(text);
    if (text.length() > LONGEST || !matcher.matches() || isReserved(matcher)) {
      throw new HubException(
          "'"
              + text
              + "' is neither a file or folder here nor the name of a model on a hub, which is"
              + " org/name or org/name@revision");
    }
    String revision = matcher.group(2);
    return new HubName(matcher.group(1), revision == null ? MAIN : revision);
  }

  private static boolean isReserved(Matcher matcher) {
    String id = matcher.group(1);
    // "--" takes the place of the slash in the name of the cache's folder.
    return matcher.group().contains("..")
        || id.contains("--")
        || id.endsWith(".git")
        || id.endsWith(".gguf");
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  /** Whether the revision is a commit, which never changes. */
  boolean isPinned() {
    return isCommit(revision);
  }

  @Override
  public String toString() {
    return revision.equals(MAIN) ? id : id + "@" + revision;
  }
}
