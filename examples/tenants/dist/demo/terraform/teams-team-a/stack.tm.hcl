# Written by platformc; the next build overwrites changes.
stack {
  name  = "teams-team-a"
  id    = "demo-teams-team-a"
  tags  = ["teams"]
  after = ["/demo/terraform/teams-vclusters"]
}
